package dev.howdah.host.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long a review may take. */
class TimeLimitTest {

  @ParameterizedTest
  @CsvSource({
    "'', 8000",
    "timeout=10s, 8000",
    "timeout=5s, 4000",
    "a=b&timeout=1.5s, 1200",
    "timeout=500ms, 400",
    "timeout=1m, 8000",
    "timeout=5h, 8000",
    "timeout=-5s, 8000",
    "timeout=99999s, 8000",
    "mytimeout=1s, 8000",
  })
  void theShorterOfTheHostsAndTheApiServersHolds(String query, long millis) {
    Duration left = TimeLimit.of(Duration.ofSeconds(8), query).left();

    assertThat(left).isLessThanOrEqualTo(Duration.ofMillis(millis));
    assertThat(left).isGreaterThan(Duration.ofMillis(millis / 2));
  }
}
