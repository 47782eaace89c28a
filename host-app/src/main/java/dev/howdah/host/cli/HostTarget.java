package dev.howdah.host.cli;

import java.nio.file.Path;

/** Where a running host is reached. */
sealed interface HostTarget {

  /**
   * Mutual TLS over TCP, as the operator comes.
   *
   * @param serverName what the certificate must name, which is the call's authority as well
   * @param trusted PEM file of the certificates to trust
   * @param certificate PEM file of the client's certificate
   * @param key PEM file of its private key
   */
  record Tcp(HostAddress address, String serverName, Path trusted, Path certificate, Path key)
      implements HostTarget {

    @Override
    public String toString() {
      return "tcp " + address;
    }
  }

  /** A plugin's Unix socket, as the instance manager comes. */
  record Socket(Path file) implements HostTarget {

    @Override
    public String toString() {
      return "socket " + file;
    }
  }
}
