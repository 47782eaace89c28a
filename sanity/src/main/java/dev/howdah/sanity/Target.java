package dev.howdah.sanity;

import java.nio.file.Path;

/** Where a plugin listens, and by which name the operator would know it. */
public sealed interface Target {

  /** How to call it in reports. */
  String display();

  /**
   * The name that the operator has registered: the socket's file name, or the Service's label.
   * Empty when nobody said.
   */
  String registeredName();

  /**
   * A plugin on a Unix socket, as a sidecar or inside the operator's Pod.
   *
   * @param path the socket file, as this process sees it
   */
  record Socket(Path path) implements Target {
    @Override
    public String display() {
      return "unix:" + path;
    }

    @Override
    public String registeredName() {
      return String.valueOf(path.getFileName());
    }
  }

  /**
   * A plugin on TCP with mutual TLS, as a Deployment beside the operator.
   *
   * @param host host name or address to dial
   * @param port port to dial
   * @param serverName TLS server name and {@code :authority}, as the Service's annotation or name
   *     gives it
   * @param pluginName the Service's label {@code cnpg.io/pluginName}, or empty when not known
   * @param ca PEM file that the operator trusts: {@code tls.crt} of the server's Secret
   * @param cert PEM file with the client's certificate
   * @param key PEM file with the client's private key
   */
  record Tcp(
      String host, int port, String serverName, String pluginName, Path ca, Path cert, Path key)
      implements Target {
    @Override
    public String display() {
      return host + ":" + port + " as " + serverName;
    }

    @Override
    public String registeredName() {
      return pluginName;
    }
  }
}
