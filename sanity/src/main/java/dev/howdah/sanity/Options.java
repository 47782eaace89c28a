package dev.howdah.sanity;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How to test. Start from {@link #defaults()} and change what is needed; each {@code with} method
 * returns a changed copy.
 *
 * @param parameters the plugin's parameters in the Clusters that are sent
 * @param badParameters parameters that the plugin has to find fault with; empty skips those checks
 * @param unreachable parameters that lead to a store nobody answers at; empty skips those checks
 * @param cluster a Cluster as JSON to send instead of the built-in one
 * @param backup a Backup as JSON to send instead of the built-in one
 * @param include ids or prefixes of ids to run; empty means all
 * @param exclude ids or prefixes of ids to leave out
 * @param level the weakest level to run
 * @param operatorVersion minor version of the operator to imitate, such as {@code 1.30}; empty
 *     means the newest known
 * @param knownFailing ids that are known to fail: still run, not counted
 * @param destructive whether calls may be made that store or delete something
 * @param repeat how often to repeat where determinism matters
 * @param timeout limit for one call
 * @param idle how long to leave a connection alone
 * @param scratch folder that the plugin sees at the same path, for WAL files; empty makes one
 * @param pgdata folder that the plugin restores into, if it is visible here
 * @param postgresUid user id that PostgreSQL runs as beside the socket, or -1 for the socket's
 *     owner
 * @param rotate command that replaces the server's certificate on disk; empty skips that check
 * @param start command that starts the plugin anew, for what happens at start; empty skips those
 *     checks
 */
public record Options(
    Map<String, String> parameters,
    Map<String, String> badParameters,
    Map<String, String> unreachable,
    @Nullable Path cluster,
    @Nullable Path backup,
    List<String> include,
    List<String> exclude,
    Level level,
    String operatorVersion,
    Set<String> knownFailing,
    boolean destructive,
    int repeat,
    Duration timeout,
    Duration idle,
    @Nullable Path scratch,
    @Nullable Path pgdata,
    int postgresUid,
    String rotate,
    String start) {

  /** Keeps lists and maps from changing afterwards. */
  public Options {
    parameters = Map.copyOf(parameters);
    badParameters = Map.copyOf(badParameters);
    unreachable = Map.copyOf(unreachable);
    include = List.copyOf(include);
    exclude = List.copyOf(exclude);
    knownFailing = Set.copyOf(knownFailing);
    if (repeat < 2) {
      throw new IllegalArgumentException("repeat must be at least 2, was " + repeat);
    }
  }

  /** Everything that stores nothing, ten repeats, thirty seconds a call. */
  public static Options defaults() {
    return new Options(
        Map.of(),
        Map.of(),
        Map.of(),
        null,
        null,
        List.of(),
        List.of(),
        Level.ADVICE,
        "",
        Set.of(),
        false,
        10,
        Duration.ofSeconds(30),
        Duration.ofSeconds(2),
        null,
        null,
        -1,
        "",
        "");
  }

  /** A copy with other {@code parameters}; see the record's description. */
  public Options withParameters(Map<String, String> parameters) {
    return changed(draft -> draft.parameters = parameters);
  }

  /** A copy with other {@code badParameters}; see the record's description. */
  public Options withBadParameters(Map<String, String> badParameters) {
    return changed(draft -> draft.badParameters = badParameters);
  }

  /** A copy with other {@code unreachable}; see the record's description. */
  public Options withUnreachable(Map<String, String> unreachable) {
    return changed(draft -> draft.unreachable = unreachable);
  }

  /** A copy with other {@code cluster}; see the record's description. */
  public Options withCluster(@Nullable Path cluster) {
    return changed(draft -> draft.cluster = cluster);
  }

  /** A copy with other {@code backup}; see the record's description. */
  public Options withBackup(@Nullable Path backup) {
    return changed(draft -> draft.backup = backup);
  }

  /** A copy with other {@code include}; see the record's description. */
  public Options withInclude(List<String> include) {
    return changed(draft -> draft.include = include);
  }

  /** A copy with other {@code exclude}; see the record's description. */
  public Options withExclude(List<String> exclude) {
    return changed(draft -> draft.exclude = exclude);
  }

  /** A copy with other {@code level}; see the record's description. */
  public Options withLevel(Level level) {
    return changed(draft -> draft.level = level);
  }

  /** A copy with other {@code operatorVersion}; see the record's description. */
  public Options withOperatorVersion(String operatorVersion) {
    return changed(draft -> draft.operatorVersion = operatorVersion);
  }

  /** A copy with other {@code knownFailing}; see the record's description. */
  public Options withKnownFailing(Set<String> knownFailing) {
    return changed(draft -> draft.knownFailing = knownFailing);
  }

  /** A copy with other {@code destructive}; see the record's description. */
  public Options withDestructive(boolean destructive) {
    return changed(draft -> draft.destructive = destructive);
  }

  /** A copy with other {@code repeat}; see the record's description. */
  public Options withRepeat(int repeat) {
    return changed(draft -> draft.repeat = repeat);
  }

  /** A copy with other {@code timeout}; see the record's description. */
  public Options withTimeout(Duration timeout) {
    return changed(draft -> draft.timeout = timeout);
  }

  /** A copy with other {@code idle}; see the record's description. */
  public Options withIdle(Duration idle) {
    return changed(draft -> draft.idle = idle);
  }

  /** A copy with other {@code scratch}; see the record's description. */
  public Options withScratch(@Nullable Path scratch) {
    return changed(draft -> draft.scratch = scratch);
  }

  /** A copy with other {@code pgdata}; see the record's description. */
  public Options withPgdata(@Nullable Path pgdata) {
    return changed(draft -> draft.pgdata = pgdata);
  }

  /** A copy with other {@code postgresUid}; see the record's description. */
  public Options withPostgresUid(int postgresUid) {
    return changed(draft -> draft.postgresUid = postgresUid);
  }

  /** A copy with other {@code rotate}; see the record's description. */
  public Options withRotate(String rotate) {
    return changed(draft -> draft.rotate = rotate);
  }

  /** A copy with other {@code start}; see the record's description. */
  public Options withStart(String start) {
    return changed(draft -> draft.start = start);
  }

  private Options changed(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /**
   * Whether a check is among those asked for.
   *
   * @param check any check of the catalogue
   */
  public boolean chooses(Check check) {
    return check.level().atLeast(level)
        && (include.isEmpty() || include.stream().anyMatch(pattern -> matches(pattern, check)))
        && exclude.stream().noneMatch(pattern -> matches(pattern, check));
  }

  private static boolean matches(String pattern, Check check) {
    return check.id().equals(pattern) || check.id().startsWith(pattern + "-");
  }

  /**
   * Whether the operator to imitate is of the given version or newer.
   *
   * @param version a minor version such as {@code 1.31}; empty matches every operator
   */
  public boolean operatorSince(String version) {
    if (version.isEmpty() || operatorVersion.isEmpty()) {
      return true;
    }
    return number(operatorVersion) >= number(version);
  }

  private static int number(String version) {
    String[] parts = version.split("\\.", -1);
    if (parts.length < 2) {
      throw new IllegalArgumentException("not a version of the operator: " + version);
    }
    return Integer.parseInt(parts[0]) * 1000 + Integer.parseInt(parts[1]);
  }

  /** Options that are being changed. */
  private static final class Draft {
    Map<String, String> parameters;
    Map<String, String> badParameters;
    Map<String, String> unreachable;
    @Nullable Path cluster;
    @Nullable Path backup;
    List<String> include;
    List<String> exclude;
    Level level;
    String operatorVersion;
    Set<String> knownFailing;
    boolean destructive;
    int repeat;
    Duration timeout;
    Duration idle;
    @Nullable Path scratch;
    @Nullable Path pgdata;
    int postgresUid;
    String rotate;
    String start;

    Draft(Options options) {
      parameters = options.parameters;
      badParameters = options.badParameters;
      unreachable = options.unreachable;
      cluster = options.cluster;
      backup = options.backup;
      include = options.include;
      exclude = options.exclude;
      level = options.level;
      operatorVersion = options.operatorVersion;
      knownFailing = options.knownFailing;
      destructive = options.destructive;
      repeat = options.repeat;
      timeout = options.timeout;
      idle = options.idle;
      scratch = options.scratch;
      pgdata = options.pgdata;
      postgresUid = options.postgresUid;
      rotate = options.rotate;
      start = options.start;
    }

    Options options() {
      return new Options(
          parameters,
          badParameters,
          unreachable,
          cluster,
          backup,
          include,
          exclude,
          level,
          operatorVersion,
          knownFailing,
          destructive,
          repeat,
          timeout,
          idle,
          scratch,
          pgdata,
          postgresUid,
          rotate,
          start);
    }
  }
}
