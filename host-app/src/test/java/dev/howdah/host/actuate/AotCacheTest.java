package dev.howdah.host.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class AotCacheTest {

  private static final String FILE = "howdah-all.aot";

  @Test
  void aCacheIsInUseIfTheJvmSharesClasses() {
    assertThat(AotCache.State.of(FILE, "mixed mode, sharing")).isEqualTo(AotCache.State.IN_USE);
  }

  @Test
  void aCacheIsRefusedIfTheJvmSharesNothing() {
    assertThat(AotCache.State.of(FILE, "mixed mode, emulated-client"))
        .isEqualTo(AotCache.State.REFUSED);
  }

  @Test
  void theJdksOwnSharedClassesAreNoCache() {
    assertThat(AotCache.State.of("", "mixed mode, sharing")).isEqualTo(AotCache.State.NONE);
  }

  @Test
  void theMetricIsZeroInAJvmWithoutCache() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    new AotCache().bindTo(meters);
    assertThat(meters.get("howdah.jvm.aot.cache").gauge().value()).isZero();
  }
}
