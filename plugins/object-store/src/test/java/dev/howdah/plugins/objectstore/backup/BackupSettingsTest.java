package dev.howdah.plugins.objectstore.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.store.PartLimits;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BackupSettingsTest {

  private static final int MIB = 1 << 20;
  // Those of S3.
  private static final PartLimits LIMITS = new PartLimits(5 * MIB, Integer.MAX_VALUE, 10_000);

  @Test
  void enoughMemoryLeavesThemAsTheyAre() {
    BackupSettings fitted = jobs(4).within(100L * MIB, LIMITS);

    assertThat(fitted.jobs()).isEqualTo(4);
    assertThat(fitted.partSize()).isEqualTo(8 * MIB);
  }

  @Test
  void littleMemoryMakesPartsSmallerThenFewerAndThenJobsFewer() {
    for (int mebibytes : new int[] {5, 10, 16, 23}) {
      for (int jobs : new int[] {1, 2, 4, 16}) {
        long memory = (long) mebibytes * MIB;
        BackupSettings fitted = jobs(jobs).within(memory, LIMITS);

        assertThat((long) fitted.partSize() * fitted.parts(memory)).isLessThanOrEqualTo(memory);
        assertThat(fitted.parts(memory)).isBetween(fitted.jobs(), fitted.jobs() + 1);
        assertThat(fitted.partSize()).isGreaterThanOrEqualTo(5 * MIB);
      }
    }
    assertThat(jobs(2).within(23L * MIB, LIMITS).parts(23L * MIB)).isEqualTo(3);
    // A sidecar's.
    assertThat(jobs(2).within(10L * MIB, LIMITS).jobs()).isEqualTo(2);
    assertThat(jobs(16).within(23L * MIB, LIMITS).jobs()).isEqualTo(4);
  }

  @Test
  void anArchiveEndsBeforeItHasTooManyParts() {
    BackupSettings fitted = jobs(2).within(100L * MIB, LIMITS);

    assertThat(fitted.archiveSize() + (1L << 30)).isLessThan(10_000L * 8 * MIB);
  }

  private static BackupSettings jobs(int jobs) {
    return new BackupSettings(
        Codec.NONE, jobs, 8 * MIB, 100L << 30, false, Map.of(), Duration.ofHours(1));
  }
}
