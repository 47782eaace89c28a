package dev.howdah.host.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.howdah.host.config.TlsEngine;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients cannot do to the others: be silent, flood, send garbage. */
@ParameterizedClass
@EnumSource(names = {"NATIVE", "JDK"})
class TcpLimitsTest extends MutualTls {
  TcpLimitsTest(TlsEngine engine) {
    super(engine);
  }

  private final ConnectionLimits impatient =
      new ConnectionLimits(
          4096, 4096, 8, 4, Duration.ofMillis(300), Duration.ofSeconds(1), Duration.ofHours(1));

  @Test
  void close_a_connection_without_a_handshake() throws Exception {
    try (TestHost host = host(impatient).start();
        Socket silent = new Socket("127.0.0.1", host.port())) {
      readToEnd(silent);
      await().untilAsserted(() -> assertThat(host.refused).containsExactly("tcp timeout"));
      await().until(() -> host.listeners.openConnections() == 0);
    }
  }

  @Test
  void close_a_connection_that_stays_silent_after_the_handshake() throws Exception {
    try (TestHost host = host(impatient).start();
        SSLSocket silent =
            TlsClients.connect(TlsClients.context(CLIENT, CA.certificate()), host.port(), NAME)) {
      silent.startHandshake();
      readToEnd(silent);
      await().untilAsserted(() -> assertThat(host.refused).containsExactly("tcp timeout"));
    }
  }

  @Test
  void let_the_operator_in_while_others_flood_the_port() throws Exception {
    ConnectionLimits few =
        new ConnectionLimits(
            4096, 4096, 3, 4, Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofHours(1));
    try (TestHost host = host(few).start()) {
      Socket[] flood = new Socket[10];
      for (int i = 0; i < flood.length; i++) {
        flood[i] = new Socket("127.0.0.1", host.port());
      }
      await().until(() -> host.refused.size() == 7);
      assertServed(host, CLIENT);
      for (Socket socket : flood) {
        socket.close();
      }
    }
  }

  @Test
  void count_garbage_as_such_and_the_server_lives() throws Exception {
    try (TestHost host = host().start()) {
      for (int i = 0; i < 50; i++) {
        try (Socket garbage = new Socket("127.0.0.1", host.port())) {
          garbage
              .getOutputStream()
              .write(("garbage " + i + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
          readToEnd(garbage);
        }
      }
      await().until(() -> host.listeners.openConnections() == 0);
      assertThat(host.refused).hasSize(50).containsOnly("tcp protocol");
      assertServed(host, CLIENT);
    }
  }

  @Test
  void do_not_count_a_port_check_as_more_than_that() throws Exception {
    try (TestHost host = host().start()) {
      new Socket("127.0.0.1", host.port()).close();
      await().untilAsserted(() -> assertThat(host.refused).containsExactly("tcp aborted"));
    }
  }
}
