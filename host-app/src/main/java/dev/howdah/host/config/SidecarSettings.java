package dev.howdah.host.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the sidecar looks like. The same for every replica of the host, and never taken from a
 * replica's own build: while two versions of the host answer side by side, both must want the same
 * Pods.
 *
 * @param revision the revision of Clusters that no entry of {@code rollout} selects
 * @param revisions what the sidecar looks like, by number
 * @param rollout which Clusters have another revision; the first entry that selects one counts
 * @param settings non-secret configuration for the plugins in the sidecar, keys below {@code
 *     howdah.}
 */
public record SidecarSettings(
    @DefaultValue("1") int revision,
    @NotEmpty @DefaultValue Map<Integer, @Valid Revision> revisions,
    @DefaultValue List<@Valid Rollout> rollout,
    @DefaultValue Map<String, String> settings) {

  /**
   * One look of the sidecar. A change of nearly any of it rolls the Pods that have it; so make a
   * new revision instead, and roll it out.
   *
   * @param image the image; its entry point is the launcher
   * @param imagePullPolicy {@code Always}, {@code IfNotPresent} or {@code Never}; Kubernetes
   *     decides if not given
   * @param template shape of the container and its volumes
   * @param logLevel {@code error}, {@code warn}, {@code info}, {@code debug} or {@code trace}
   * @param resources what the container asks for and may use; requests 50m CPU and 128Mi memory and
   *     a limit of 256Mi memory if not given
   * @param env more of its environment
   * @param dropIns images with drop-in plugins, mounted as image volumes
   * @param plugins the plugins that the image carries; the host's own bundled ones if not given
   */
  public record Revision(
      @NotBlank String image,
      @Nullable ImagePullPolicy imagePullPolicy,
      @DefaultValue("1") @Min(1) int template,
      @DefaultValue("info") LogLevel logLevel,
      @Valid @Nullable Resources resources,
      @DefaultValue List<@Valid Variable> env,
      @DefaultValue List<String> dropIns,
      @Nullable List<@Valid CarriedPlugin> plugins) {}

  /**
   * Which Clusters have another revision.
   *
   * @param selector label selector, as in {@code kubectl -l}
   * @param revision their revision
   */
  public record Rollout(@NotNull String selector, @NotNull Integer revision) {}

  /**
   * A plugin that the image carries.
   *
   * @param name its name
   * @param id its id
   * @param enrich the newest revision of its enrichment in the image; 0 for none
   * @param logLevel how much it wants logged where a Cluster enables it; of several, and the
   *     revision's own, the most detailed one holds
   * @param resources what it wants where a Cluster enables it; of several, and the revision's own,
   *     the greatest value of each holds
   */
  public record CarriedPlugin(
      @NotBlank String name,
      @NotBlank String id,
      @DefaultValue("0") @Min(0) int enrich,
      @Nullable LogLevel logLevel,
      @Valid @Nullable Resources resources) {}

  /**
   * Resources of a container.
   *
   * @param requests what it asks for, by resource, such as {@code memory: 128Mi}
   * @param limits what it may use, by resource
   */
  public record Resources(
      @DefaultValue Map<String, String> requests, @DefaultValue Map<String, String> limits) {}

  /**
   * A variable of the container's environment.
   *
   * @param name its name
   * @param value its value
   */
  public record Variable(@NotBlank String name, @DefaultValue("") String value) {}

  /** How much is logged, the least detailed first. */
  public enum LogLevel {
    /** Errors. */
    ERROR,
    /** Warnings, too. */
    WARN,
    /** What an operator wants to know, too. */
    INFO,
    /** What a developer wants to know, too. */
    DEBUG,
    /** Everything. */
    TRACE
  }

  /** When an image is pulled. */
  public enum ImagePullPolicy {
    /** Always. */
    ALWAYS("Always"),
    /** Unless the node has it. */
    IF_NOT_PRESENT("IfNotPresent"),
    /** Never. */
    NEVER("Never");

    private final String kubernetes;

    ImagePullPolicy(String kubernetes) {
      this.kubernetes = kubernetes;
    }

    /** As Kubernetes spells it. */
    public String kubernetes() {
      return kubernetes;
    }
  }
}
