package dev.howdah.plugins.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaintenanceWindowTest {

  @Test
  void isOpenFromItsFirstToBeforeItsLastMinute() {
    MaintenanceWindow window = MaintenanceWindow.parse("Sat,Sun 02:00-04:00");

    assertThat(window.contains(Instant.parse("2026-11-22T02:00:00Z"))).isTrue();
    assertThat(window.contains(Instant.parse("2026-11-22T03:59:59Z"))).isTrue();
    assertThat(window.contains(Instant.parse("2026-11-22T04:00:00Z"))).isFalse();
    assertThat(window.contains(Instant.parse("2026-11-23T03:00:00Z"))).isFalse();
  }

  @Test
  void mayEndOnTheNextDay() {
    MaintenanceWindow window = MaintenanceWindow.parse("Sun 23:30-01:00");

    assertThat(window.contains(Instant.parse("2026-11-22T23:45:00Z"))).isTrue();
    assertThat(window.contains(Instant.parse("2026-11-23T00:59:00Z"))).isTrue();
    assertThat(window.contains(Instant.parse("2026-11-22T00:30:00Z"))).isFalse();
  }

  @Test
  void isInTheZoneThatItNames() {
    MaintenanceWindow window = MaintenanceWindow.parse("daily 02:00-04:00 Europe/Berlin");

    assertThat(window.contains(Instant.parse("2026-11-22T01:30:00Z"))).isTrue();
    assertThat(window.contains(Instant.parse("2026-11-22T03:30:00Z"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Sun",
        "Sun 2-4",
        "Sun 02:00-25:00",
        "Xyz 02:00-04:00",
        "Su 02:00-04:00",
        "Sun 02:00-04:00 Mars/Base"
      })
  void saysWhatAWindowLooksLike(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MaintenanceWindow.parse(text))
        .withMessageContaining("Sat,Sun 02:00-04:00 Europe/Berlin");
  }
}
