package dev.howdah.host.listen;

import static dev.howdah.host.listen.TestCertificate.named;
import static dev.howdah.host.listen.TestCertificate.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.host.config.TlsEngine;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How TCP begins to be served, and what is said if it cannot be. */
@ParameterizedClass
@EnumSource(names = {"NATIVE", "JDK"})
class TcpStartTest extends MutualTls {
  TcpStartTest(TlsEngine engine) {
    super(engine);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void takes_keys_in_the_traditional_form(boolean rsa) {
    TestCertificate.Order order = named("Server").issuedBy(CA).forServer(NAME);
    TestCertificate server = (rsa ? order.rsa() : order).make();
    write(files.certificate(), server.chainPem());
    write(files.key(), server.traditionalKeyPem());
    assertThat(files.key())
        .content()
        .contains(rsa ? "BEGIN RSA PRIVATE KEY" : "BEGIN EC PRIVATE KEY");
    try (TestHost host = host().start()) {
      assertServed(host, CLIENT);
    }
  }

  @Test
  void fails_with_the_name_of_the_file_that_is_missing() throws Exception {
    Files.delete(files.key());
    try (TestHost host = host()) {
      assertThatThrownBy(host::start)
          .isInstanceOf(ListenException.class)
          .hasMessage(
              "Cannot listen with TLS: Cannot read "
                  + files.key()
                  + ": there is no such file. Correct the files of --server-cert, --server-key"
                  + " and --client-cert (howdah.grpc.tls).");
    }
  }

  @Test
  void fails_clearly_when_the_address_is_taken() throws Exception {
    try (ServerSocket other = new ServerSocket(0)) {
      TcpOptions tcp = new TcpOptions("127.0.0.1:" + other.getLocalPort(), files, engine);
      try (TestHost host = new TestHost(Optional.of(tcp), Optional.empty())) {
        assertThatThrownBy(host::start)
            .isInstanceOf(ListenException.class)
            .hasMessageContaining("Address already in use")
            .hasMessageContaining("--server-address");
      }
    }
  }

  @Test
  void opens_no_socket_when_tcp_fails_and_no_port_when_a_socket_fails() throws Exception {
    Path sockets = Files.createDirectory(folder.resolve("sockets"));
    Files.writeString(sockets.resolve("in.the.way"), "");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    TcpOptions tcp = new TcpOptions("127.0.0.1:" + port, files, engine);
    SocketOptions socket = new SocketOptions(sockets, List.of("good.example", "in.the.way"));
    try (TestHost host = new TestHost(Optional.of(tcp), Optional.of(socket))) {
      assertThatThrownBy(host::start).hasMessageContaining("in.the.way");
      assertThat(sockets.resolve("good.example")).doesNotExist();
      assertThatThrownBy(() -> new Socket("127.0.0.1", port).close())
          .isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"9090", "host:", ":-1", ":65536", "::1:9090", "host:http"})
  void refuses_an_address_that_is_none(String address) {
    assertThatThrownBy(() -> new TcpOptions(address, files))
        .isInstanceOf(ListenException.class)
        .hasMessageContaining("\"" + address + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {":0", "[::1]:0", "localhost:9090", "10.0.0.1:1"})
  void takes_an_address_without_host_and_an_ipv6_one(String address) {
    assertThat(new TcpOptions(address, files).socketAddress()).isNotNull();
  }
}
