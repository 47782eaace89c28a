package dev.howdah.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.postgres.testkit.PostgresServer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LocalPostgresTest {

  private static PostgresServer server;
  private static LocalPostgres postgres;

  @BeforeAll
  static void start() {
    server = PostgresServer.start(18, Map.of());
    postgres = new LocalPostgres(server.socketDirectory(), server.port());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Connection connect(Map<String, String> properties) throws SQLException {
    return postgres.connect("postgres", "postgres", properties);
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void logsInOverTheSocket() throws SQLException {
    try (Connection connection = connect(Map.of("ApplicationName", "test"))) {
      assertThat(text(connection, "SELECT inet_client_addr() IS NULL")).isEqualTo("t");
      assertThat(text(connection, "SHOW application_name")).isEqualTo("test");
    }
  }

  @Test
  void carriesMoreThanASocketsBufferInBothDirections() throws SQLException {
    String large = "x".repeat(5_000_000);
    try (Connection connection = connect(Map.of());
        var statement = connection.prepareStatement("SELECT ?::text || ?::text")) {
      statement.setString(1, large);
      statement.setString(2, large);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        assertThat(row.getString(1)).isEqualTo(large + large);
      }
    }
  }

  @Test
  void givesUpOnAnAnswerThatTakesTooLong() throws SQLException {
    try (Connection connection = connect(Map.of("socketTimeout", "1"))) {
      long begun = System.nanoTime();

      assertThatThrownBy(() -> text(connection, "SELECT pg_sleep(30)"))
          .isInstanceOf(SQLException.class);

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
      assertThat(connection.isClosed()).isTrue();
    }
  }

  @Test
  void givesUpOnAServerThatTakesTheConnectionAndSaysNothing(@TempDir Path directory)
      throws Exception {
    LocalPostgres silent = new LocalPostgres(directory, 5432);
    try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.bind(UnixDomainSocketAddress.of(silent.socket()));

      assertThatThrownBy(() -> silent.connect("postgres", "postgres", Map.of("socketTimeout", "1")))
          .isInstanceOf(SQLException.class);
    }
  }

  @Test
  void failsAtOnceWhereNobodyListens(@TempDir Path directory) {
    assertThatThrownBy(
            () -> new LocalPostgres(directory, 5432).connect("postgres", "postgres", Map.of()))
        .isInstanceOf(SQLException.class);
  }

  @Test
  void anInterruptEndsTheWaiting() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicReference<Exception> end = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (Connection connection = connect(Map.of())) {
                    begun.countDown();
                    text(connection, "SELECT pg_sleep(30)");
                  } catch (SQLException e) {
                    end.set(e);
                  }
                });
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

    thread.interrupt();

    assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
    assertThat(end.get()).isInstanceOf(SQLException.class);
  }
}
