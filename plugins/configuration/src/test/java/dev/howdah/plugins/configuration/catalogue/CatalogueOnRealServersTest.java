package dev.howdah.plugins.configuration.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.postgres.testkit.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Keeps the catalogues true. With {@code -Dhowdah.catalogue.write=FOLDER} it writes them instead,
 * for a new PostgreSQL.
 */
class CatalogueOnRealServersTest {

  private static final Map<String, String> EXTENSIONS =
      Map.of("shared_preload_libraries", "auto_explain,pg_stat_statements");

  /**
   * Refused for more reasons than type and range: how the server was built, the stack that the
   * system allows, multiples of other numbers, what only a transaction can set.
   */
  private static final Set<String> CHECKED_FURTHER =
      Set.of(
          "allow_alter_system",
          "bonjour",
          "commit_timestamp_buffers",
          "io_max_concurrency",
          "max_stack_depth",
          "multixact_member_buffers",
          "multixact_offset_buffers",
          "notify_buffers",
          "serializable_buffers",
          "subtransaction_buffers",
          "transaction_buffers",
          "transaction_deferrable",
          "transaction_isolation",
          "transaction_read_only",
          "vacuum_buffer_usage_limit");

  /** Values on the edges of PostgreSQL's parser; each is tried on the server. */
  private static final List<String> VALUES =
      List.of(
          "on",
          "off",
          "o",
          "of",
          "t",
          "TRUE",
          "yes",
          "n",
          "2",
          "0",
          "1",
          "-1",
          "+1",
          "0x10",
          "010",
          "1.5",
          ".5",
          "1e3",
          "1e-2",
          "64kB",
          "64KB",
          "64 kB",
          " 1GB",
          "1.5GB",
          "1 TB",
          "10MB ",
          "100B",
          "5s",
          "5 min",
          "1.5h",
          "90000us",
          "1d",
          "10ms",
          "5 sec",
          "abc",
          "",
          "NaN",
          "1,5",
          "99999999999999999999",
          "debug",
          "DEBUG1",
          "local",
          "LOGICAL",
          "none",
          "pglz",
          "5%",
          "--1");

  @ParameterizedTest
  @ValueSource(ints = {14, 15, 16, 17, 18})
  void isWhatTheServerSays(int major) throws Exception {
    String generated;
    try (PostgresServer server = PostgresServer.start(major, EXTENSIONS);
        Connection connection = server.connect()) {
      generated = generate(connection);
    }
    String resource = "postgresql-%d.tsv".formatted(major);

    String folder = System.getProperty("howdah.catalogue.write", "");
    if (!folder.isEmpty()) {
      Files.writeString(Path.of(folder, resource), generated);
      return;
    }
    try (InputStream in = Catalogue.class.getResourceAsStream(resource)) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(generated);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {14, 15, 16, 17, 18})
  void refusesExactlyTheValuesThatTheServerRefuses(int major) throws Exception {
    Catalogue catalogue = Catalogue.of(major);
    // Checked by more than type and range: existence, syntax of their own, other parameters.
    Set<String> checkedFurther =
        catalogue.settings().stream()
            .filter(setting -> setting.type() == SettingType.STRING)
            .map(Setting::name)
            .collect(Collectors.toSet());
    checkedFurther.addAll(CHECKED_FURTHER);
    // Parameters alike in all that the catalogue looks at are tried once; words are, each time.
    Set<List<Object>> tried = new HashSet<>();
    List<String> wrong = new ArrayList<>();
    try (PostgresServer server = PostgresServer.start(major, EXTENSIONS);
        Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      for (Setting setting : catalogue.settings()) {
        if (setting.context() == SettingContext.INTERNAL
            || checkedFurther.contains(setting.name())) {
          continue;
        }
        List<String> values = new ArrayList<>();
        if (tried.add(
            List.of(
                setting.type(),
                setting.unit(),
                setting.minimum(),
                setting.maximum(),
                setting.words()))) {
          values.addAll(VALUES);
        }
        setting.words().forEach(word -> values.add(word.toUpperCase(Locale.ROOT)));
        for (String value : values) {
          if (Catalogue.BUILD_DEPENDENT_WORDS
              .getOrDefault(setting.name(), Set.of())
              .contains(value.toLowerCase(Locale.ROOT))) {
            continue;
          }
          boolean accepted = accepts(statement, setting.name(), value);
          if (accepted != setting.problem(value).isEmpty()) {
            wrong.add(
                setting.name() + "='" + value + "' server " + (accepted ? "takes" : "refuses"));
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static boolean accepts(Statement statement, String name, String value) {
    try {
      statement.execute("alter system set " + name + " = '" + value + "'");
      statement.execute("alter system reset " + name);
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  private static String generate(Connection connection) throws SQLException, IOException {
    List<String> lines = new ArrayList<>();
    lines.add(Catalogue.HEADER);
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                select name, vartype, coalesce(unit, ''), context, coalesce(min_val, ''),
                       coalesce(max_val, ''), coalesce(array_to_string(enumvals, ','), ''),
                       coalesce(boot_val, '')
                from pg_settings order by name collate "C"
                """)) {
      while (rows.next()) {
        List<String> columns = new ArrayList<>();
        for (int column = 1; column <= 8; column++) {
          columns.add(rows.getString(column));
        }
        lines.add(
            columns.stream()
                .flatMap(column -> Stream.of(column.replace('\t', ' ').replace('\n', ' ')))
                .collect(Collectors.joining("\t")));
      }
    }
    return String.join("\n", lines) + "\n";
  }
}
