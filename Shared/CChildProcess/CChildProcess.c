#include "CChildProcess.h"
void relay_placeholder(void) {}
