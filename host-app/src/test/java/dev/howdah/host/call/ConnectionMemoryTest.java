package dev.howdah.host.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.testing.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConnectionMemoryTest {

  private static final String PLUGIN = "hello";

  private final SettableClock clock = new SettableClock(Instant.EPOCH);
  private final ReloadPace pace = new ReloadPace(clock);

  @Test
  void aConnectionThatAskedForTheCapabilitiesIsNeverSentBack() {
    ConnectionMemory connection = new ConnectionMemory(pace);
    connection.loaded(PLUGIN);

    assertThat(connection.mustReload(PLUGIN)).isFalse();
  }

  @Test
  void aConnectionThatNeverAskedIsSentBackOnce() {
    ConnectionMemory connection = new ConnectionMemory(pace);

    assertThat(connection.mustReload(PLUGIN)).isTrue();
    clock.pass(ReloadPace.INTERVAL);
    assertThat(connection.mustReload(PLUGIN)).isFalse();
  }

  @Test
  void anOperatorWhosePoolIsStaleAltogetherGetsAConnectionInItsSecondAttempt() {
    List<ConnectionMemory> pool = stalePool();

    assertThat(pool.get(0).mustReload(PLUGIN)).isTrue();
    clock.pass(Duration.ofMillis(10));
    assertThat(pool.get(1).mustReload(PLUGIN)).isFalse();
  }

  @Test
  void whatWasLetThroughIsSentBackLater() {
    List<ConnectionMemory> pool = stalePool();

    for (ConnectionMemory connection : pool) {
      assertThat(connection.mustReload(PLUGIN)).isTrue();
      assertThat(pool).noneMatch(it -> it.mustReload(PLUGIN));
      clock.pass(ReloadPace.INTERVAL);
    }
    assertThat(pool).noneMatch(it -> it.mustReload(PLUGIN));
  }

  @Test
  void eachPluginHasAPaceOfItsOwn() {
    ConnectionMemory connection = new ConnectionMemory(pace);

    assertThat(connection.mustReload(PLUGIN)).isTrue();
    assertThat(connection.mustReload("another")).isTrue();
  }

  private List<ConnectionMemory> stalePool() {
    return Stream.generate(() -> new ConnectionMemory(pace)).limit(5).toList();
  }
}
