package dev.howdah.plugins.configuration.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.postgres.FixedParameters;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TuningTest {

  private static final long GIB = 1L << 30;

  @Test
  void keepsWalWithinASharedVolume() {
    Map<String, String> tuned =
        tune(Workload.OLTP, machine(OptionalLong.of(10 * GIB), OptionalLong.empty()));

    assertThat(tuned).containsEntry("max_wal_size", "3GB").containsEntry("min_wal_size", "768MB");
  }

  @Test
  void keepsSharedBuffersWithinTheMemoryRequest() {
    Map<String, String> tuned =
        tune(Workload.WEB, machine(OptionalLong.empty(), OptionalLong.of(GIB)));

    assertThat(tuned).containsEntry("shared_buffers", "1GB");
  }

  @Test
  void asksForHugePagesOnlyIfSomeWereRequested() {
    Machine with =
        new Machine(
            64 * GIB,
            OptionalInt.of(8),
            StorageKind.SSD,
            OptionalLong.empty(),
            true,
            OptionalLong.empty(),
            true);

    assertThat(tune(Workload.DW, with)).containsEntry("huge_pages", "try");
    assertThat(tune(Workload.DW, machine(OptionalLong.empty(), OptionalLong.empty())))
        .doesNotContainKey("huge_pages");
  }

  @ParameterizedTest
  @EnumSource
  void neverTouchesWhatCloudNativePgDecides(Workload workload) {
    assertThat(tune(workload, machine(OptionalLong.empty(), OptionalLong.empty())).keySet())
        .noneMatch(FixedParameters::contains)
        .doesNotContain("wal_level", "max_wal_senders", "wal_log_hints");
  }

  @Test
  void reckonsWithTheConnectionsThatThereWillBe() {
    Map<String, String> tuned =
        Tuning.of(
                Workload.WEB,
                machine(OptionalLong.empty(), OptionalLong.empty()),
                DataSize.SIMILAR,
                OptionalInt.of(1000),
                17)
            .stream()
            .collect(Collectors.toMap(Tuned::name, Tuned::value));

    assertThat(tuned).containsEntry("max_connections", "1000").containsEntry("work_mem", "4161kB");
  }

  private static Map<String, String> tune(Workload workload, Machine machine) {
    return Tuning.of(workload, machine, DataSize.SIMILAR, OptionalInt.empty(), 18).stream()
        .collect(Collectors.toMap(Tuned::name, Tuned::value));
  }

  private static Machine machine(OptionalLong volume, OptionalLong request) {
    return new Machine(16 * GIB, OptionalInt.of(8), StorageKind.SSD, volume, true, request, false);
  }
}
