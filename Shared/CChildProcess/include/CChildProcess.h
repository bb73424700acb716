void relay_placeholder(void);
