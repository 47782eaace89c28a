package dev.howdah.plugins.configuration.policy;

import dev.howdah.plugin.Parameter;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rules for a Cluster itself. Each part may be absent.
 *
 * @param instances how many instances
 * @param storage volumes
 * @param images patterns of images that may be used, with {@code *} for anything; all if empty
 * @param resources requests and limits
 * @param labels labels that the Cluster must carry
 * @param tls encryption of connections
 * @param pgHba who may log in from where
 * @param backup whether it can be restored
 * @param superuserAccess whether the superuser may log in over the network; either way if absent
 */
public record ClusterRules(
    @Nullable Instances instances,
    @Nullable Storage storage,
    List<String> images,
    @Nullable Resources resources,
    List<Selector.Label> labels,
    @Nullable Tls tls,
    @Nullable PgHba pgHba,
    @Nullable Backup backup,
    @Nullable Boolean superuserAccess) {

  /** No rules. */
  public static final ClusterRules NONE =
      new ClusterRules(null, null, List.of(), null, List.of(), null, null, null, null);

  /** Fills in what wasn't given. */
  public ClusterRules {
    images = Policy.orEmpty(images);
    labels = Policy.orEmpty(labels);
  }

  /**
   * How many instances.
   *
   * @param minimum the fewest
   * @param maximum the most
   */
  public record Instances(@Nullable Integer minimum, @Nullable Integer maximum) {}

  /**
   * Volumes.
   *
   * @param minimumSize the smallest volume for data, such as {@code 10Gi}
   * @param maximumSize the largest volume for data
   * @param classes storage classes that may be used; all if empty
   * @param separateWal whether WAL must have a volume of its own
   */
  public record Storage(
      @Nullable String minimumSize,
      @Nullable String maximumSize,
      List<String> classes,
      @Parameter(defaultValue = "false") boolean separateWal) {

    /** Fills in what wasn't given. */
    public Storage {
      classes = Policy.orEmpty(classes);
      checkQuantity(minimumSize);
      checkQuantity(maximumSize);
    }
  }

  /**
   * Requests and limits.
   *
   * @param required whether both memory and CPU must be requested and memory limited
   * @param maximumMemory the highest memory limit
   * @param maximumCpu the highest CPU limit or request
   * @param guaranteed whether the memory request must equal its limit, so that PostgreSQL isn't the
   *     first to be killed when a node runs out
   */
  public record Resources(
      @Parameter(defaultValue = "false") boolean required,
      @Nullable String maximumMemory,
      @Nullable String maximumCpu,
      @Parameter(defaultValue = "false") boolean guaranteed) {

    /** Checks the quantities. */
    public Resources {
      checkQuantity(maximumMemory);
      checkQuantity(maximumCpu);
    }
  }

  /**
   * Encryption of connections.
   *
   * @param minimumVersion the lowest protocol version, such as {@code TLSv1.3}
   * @param ownCertificates whether the server's certificate must be the user's own
   */
  public record Tls(
      @Nullable String minimumVersion, @Parameter(defaultValue = "false") boolean ownCertificates) {

    /** The versions that PostgreSQL knows, lowest first. */
    static final List<String> VERSIONS = List.of("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3");

    /** Checks the version. */
    public Tls {
      if (minimumVersion != null && !VERSIONS.contains(minimumVersion)) {
        throw new IllegalArgumentException(
            "'%s' is not one of the TLS versions %s.".formatted(minimumVersion, VERSIONS));
      }
    }
  }

  /**
   * Who may log in from where.
   *
   * @param forbiddenMethods authentication methods that no rule may use, such as {@code trust}
   * @param requireTls whether rules for unencrypted connections ({@code host}, {@code hostnossl})
   *     are refused unless they reject
   * @param forbidAnyAddress whether rules for every address are refused unless they reject
   */
  public record PgHba(
      List<String> forbiddenMethods,
      @Parameter(defaultValue = "false") boolean requireTls,
      @Parameter(defaultValue = "false") boolean forbidAnyAddress) {

    /** Fills in what wasn't given. */
    public PgHba {
      forbiddenMethods = Policy.orEmpty(forbiddenMethods);
    }
  }

  /**
   * Whether it can be restored.
   *
   * @param required whether WAL archiving or a backup must be configured
   */
  public record Backup(@Parameter(defaultValue = "false") boolean required) {}

  private static void checkQuantity(@Nullable String text) {
    if (text == null) {
      return;
    }
    try {
      Quantity.getAmountInBytes(new Quantity(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' is not a quantity such as '16Gi' or '4'.".formatted(text), e);
    }
  }
}
