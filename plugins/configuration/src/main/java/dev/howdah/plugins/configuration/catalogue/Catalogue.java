package dev.howdah.plugins.configuration.catalogue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The parameters of one PostgreSQL major, with those of {@code auto_explain} and {@code
 * pg_stat_statements}. Read once, when asked for, from the resource generated from that major's
 * {@code pg_settings}. Immutable and thread-safe.
 */
public final class Catalogue {

  /** The lowest major there is a catalogue for. */
  public static final int OLDEST = 14;

  /** The highest major there is a catalogue for. */
  public static final int NEWEST = 18;

  /** First line of a resource: the columns. */
  public static final String HEADER = "name\ttype\tunit\tcontext\tmin\tmax\twords\tboot";

  /**
   * Words that a server knows only if it was built with a library. The servers that the catalogues
   * come from were built without these; CloudNativePG's images were built with LZ4 and Zstandard.
   */
  public static final Map<String, Set<String>> BUILD_DEPENDENT_WORDS =
      Map.of(
          "wal_compression", Set.of("lz4", "zstd"),
          "default_toast_compression", Set.of("lz4"),
          "io_method", Set.of("io_uring"));

  private static final Map<Integer, Catalogue> LOADED = new ConcurrentHashMap<>();

  private final int major;
  private final SortedMap<String, Setting> settings;

  private Catalogue(int major, SortedMap<String, Setting> settings) {
    this.major = major;
    this.settings = Collections.unmodifiableSortedMap(settings);
  }

  /**
   * The catalogue of a major. Of one that is older or newer than any known it is the nearest one,
   * so that a new PostgreSQL doesn't stop anything.
   *
   * @param major such as 17
   */
  public static Catalogue of(int major) {
    return LOADED.computeIfAbsent(Math.clamp(major, OLDEST, NEWEST), Catalogue::load);
  }

  /** The major it is of. */
  public int major() {
    return major;
  }

  /** Every parameter, by name. */
  public Collection<Setting> settings() {
    return settings.values();
  }

  /**
   * Finds a parameter.
   *
   * @param name in any case, as PostgreSQL takes it
   */
  public Optional<Setting> find(String name) {
    return Optional.ofNullable(settings.get(name.toLowerCase(Locale.ROOT)));
  }

  /**
   * What is wrong with a name.
   *
   * @return a sentence with the nearest name; empty if it is known or belongs to an extension that
   *     isn't in the catalogue
   */
  public Optional<String> nameProblem(String name) {
    if (find(name).isPresent()) {
      return Optional.empty();
    }
    int dot = name.indexOf('.');
    if (dot > 0 && !knownPrefix(name.substring(0, dot + 1).toLowerCase(Locale.ROOT))) {
      return Optional.empty();
    }
    String suggestion = nearest(name).map(near -> "; did you mean '" + near + "'?").orElse("");
    return Optional.of("PostgreSQL %d has no parameter '%s'%s".formatted(major, name, suggestion));
  }

  /**
   * What is wrong with a name or its value.
   *
   * @return a sentence; empty if nothing is
   */
  public Optional<String> problem(String name, String value) {
    Optional<String> wrongName = nameProblem(name);
    if (wrongName.isPresent()) {
      return wrongName;
    }
    return find(name)
        .flatMap(setting -> setting.problem(value))
        .map(problem -> "'%s' is not a value of %s: %s".formatted(value, name, problem));
  }

  /**
   * The known name that is most like a misspelt one.
   *
   * @return empty if none is near enough to be worth suggesting
   */
  public Optional<String> nearest(String name) {
    String lower = name.toLowerCase(Locale.ROOT).replace('-', '_');
    int tolerance = Math.max(2, lower.length() / 4);
    return settings.keySet().stream()
        .map(candidate -> Map.entry(candidate, distance(lower, candidate.toLowerCase(Locale.ROOT))))
        .filter(candidate -> candidate.getValue() <= tolerance)
        .min(
            Comparator.comparing((Map.Entry<String, Integer> candidate) -> candidate.getValue())
                .thenComparing(Map.Entry::getKey))
        .map(Map.Entry::getKey);
  }

  private boolean knownPrefix(String prefix) {
    return settings.keySet().stream().anyMatch(name -> name.startsWith(prefix));
  }

  /** Edits (insertions, deletions, replacements, swaps of neighbours) between two names. */
  private static int distance(String one, String other) {
    int[][] edits = new int[one.length() + 1][other.length() + 1];
    for (int i = 0; i <= one.length(); i++) {
      for (int j = 0; j <= other.length(); j++) {
        if (i == 0 || j == 0) {
          edits[i][j] = i + j;
          continue;
        }
        int replaced = edits[i - 1][j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        int moved = Math.min(edits[i - 1][j], edits[i][j - 1]) + 1;
        edits[i][j] = Math.min(replaced, moved);
        if (i > 1
            && j > 1
            && one.charAt(i - 1) == other.charAt(j - 2)
            && one.charAt(i - 2) == other.charAt(j - 1)) {
          edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
        }
      }
    }
    return edits[one.length()][other.length()];
  }

  private static Catalogue load(int major) {
    String resource = "postgresql-%d.tsv".formatted(major);
    try (InputStream in = Catalogue.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("The resource %s is missing.".formatted(resource));
      }
      return read(major, in);
    } catch (IOException e) {
      throw new UncheckedIOException("The resource %s can't be read.".formatted(resource), e);
    }
  }

  private static Catalogue read(int major, InputStream in) throws IOException {
    SortedMap<String, Setting> settings = new TreeMap<>();
    BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    List<String> lines = reader.lines().filter(line -> !line.startsWith("#")).toList();
    if (lines.isEmpty() || !lines.getFirst().equals(HEADER)) {
      throw new IOException("The catalogue of PostgreSQL %d has other columns.".formatted(major));
    }
    for (String line : lines.subList(1, lines.size())) {
      Setting setting = setting(line.split("\t", -1));
      settings.put(setting.name().toLowerCase(Locale.ROOT), setting);
    }
    return new Catalogue(major, settings);
  }

  private static Setting setting(String[] columns) {
    List<String> words = new ArrayList<>();
    if (!columns[6].isEmpty()) {
      words.addAll(List.of(columns[6].split(",")));
      Set<String> more = BUILD_DEPENDENT_WORDS.getOrDefault(columns[0], Set.of());
      // PostgreSQL 14 has wal_compression as a boolean, so it has no words to add to.
      new TreeSet<>(more).stream().filter(word -> !words.contains(word)).forEach(words::add);
    }
    return new Setting(
        columns[0],
        SettingType.parse(columns[1]),
        columns[2],
        SettingContext.parse(columns[3]),
        decimal(columns[4]),
        decimal(columns[5]),
        words,
        columns[7]);
  }

  private static Optional<BigDecimal> decimal(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(new BigDecimal(text));
  }

  @Override
  public String toString() {
    return settings.values().stream()
        .map(Setting::name)
        .collect(Collectors.joining(", ", "PostgreSQL " + major + ": ", ""));
  }
}
