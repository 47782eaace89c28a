package dev.howdah.plugins.configuration.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

class TuningTableTest {

  @Test
  void givesWhatTheFormulasGiveForEveryMachineOfTheTable() throws IOException {
    Set<List<String>> machines = new HashSet<>();
    SoftAssertions softly = new SoftAssertions();
    for (String line : table()) {
      String[] columns = line.split("\t");
      machines.add(List.of(columns).subList(1, 4));
      Machine machine =
          new Machine(
              Long.parseLong(columns[1]) << 20,
              OptionalInt.of(Integer.parseInt(columns[2])),
              StorageKind.valueOf(columns[3].toUpperCase(Locale.ROOT)),
              OptionalLong.empty(),
              true,
              OptionalLong.empty(),
              false);
      List<Tuned> tuned =
          Tuning.of(
              Workload.valueOf(columns[0].toUpperCase(Locale.ROOT)),
              machine,
              DataSize.valueOf(columns[4].toUpperCase(Locale.ROOT)),
              OptionalInt.empty(),
              Integer.parseInt(columns[5]));
      Map<String, String> values =
          tuned.stream().collect(Collectors.toMap(Tuned::name, Tuned::value));
      softly.assertThat(values).as(line).isEqualTo(expected(columns[6]));
    }
    softly.assertAll();
    assertThat(machines).hasSizeGreaterThanOrEqualTo(60);
  }

  private static Map<String, String> expected(String parameters) {
    return Stream.of(parameters.split(","))
        .map(pair -> pair.split("="))
        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
  }

  private static List<String> table() throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                TuningTableTest.class.getResourceAsStream("tuning-table.tsv"),
                StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.startsWith("#")).skip(1).toList();
    }
  }
}
