package dev.howdah.plugins.configuration.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugins.configuration.catalogue.Catalogue;
import dev.howdah.postgres.testkit.PostgresServer;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ProfilesOnRealServersTest {

  static Stream<Arguments> everyProfileOnEveryMajor() {
    return IntStream.rangeClosed(Catalogue.OLDEST, Catalogue.NEWEST)
        .boxed()
        .flatMap(
            major -> Stream.of(Workload.values()).map(profile -> Arguments.of(profile, major)));
  }

  @ParameterizedTest
  @MethodSource("everyProfileOnEveryMajor")
  void theServerStartsAndShowsTheValues(Workload profile, int major) {
    Machine machine =
        new Machine(
            2L << 30,
            OptionalInt.of(16),
            StorageKind.NVME,
            OptionalLong.of(100L << 30),
            true,
            OptionalLong.empty(),
            true);
    SortedMap<String, String> tuned =
        Tuning.of(profile, machine, DataSize.SIMILAR, OptionalInt.empty(), major).stream()
            .collect(Collectors.toMap(Tuned::name, Tuned::value, (a, b) -> a, TreeMap::new));
    // These servers were built without LZ4, unlike CloudNativePG's images.
    tuned.entrySet().removeIf(ProfilesOnRealServersTest::notBuiltIn);

    SortedMap<String, String> shown;
    try (PostgresServer server = PostgresServer.start(major, tuned)) {
      shown = server.settings();
    }

    Catalogue catalogue = Catalogue.of(major);
    assertThat(tuned).hasSizeGreaterThan(15);
    tuned.forEach(
        (name, value) ->
            assertThat(canonical(catalogue, name, shown.get(name)))
                .as(name)
                .isEqualTo(canonical(catalogue, name, value)));
  }

  private static String canonical(Catalogue catalogue, String name, String value) {
    return catalogue.find(name).orElseThrow().canonical(value).orElseThrow();
  }

  private static boolean notBuiltIn(Map.Entry<String, String> parameter) {
    return Catalogue.BUILD_DEPENDENT_WORDS
        .getOrDefault(parameter.getKey(), Set.of())
        .contains(parameter.getValue());
  }
}
