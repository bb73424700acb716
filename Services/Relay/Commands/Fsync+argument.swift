// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import EmbeddedBroker

extension BrokerConfiguration.Fsync: ExpressibleByArgument {}
