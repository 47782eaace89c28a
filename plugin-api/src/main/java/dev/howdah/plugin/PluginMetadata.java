package dev.howdah.plugin;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who a plugin is, as {@code Identity.GetPluginMetadata} answers it.
 *
 * <p>CNPG-I requires a name of at most 63 characters that begins and ends with a letter or digit
 * and otherwise holds only those, {@code -} and {@code .}; Howdah also asks for lower case and at
 * least one dot (a domain of the author's), since the name is at the same time a TLS server name, a
 * Service label and the file name of a socket.
 *
 * @param name the plugin's name, as Clusters write it into {@code spec.plugins[].name}
 * @param version the plugin's own version
 * @param displayName a name for people
 * @param description what the plugin does, in a sentence
 * @param projectUrl home page; empty if there is none
 * @param repositoryUrl where the source lives; empty if unpublished
 * @param license SPDX identifier of the licence
 * @param licenseUrl where its text is
 * @param maturity how far the plugin has come
 * @param vendor who makes it; may be empty
 * @param manifest further facts for tools; the operator ignores them
 */
public record PluginMetadata(
    String name,
    String version,
    String displayName,
    String description,
    String projectUrl,
    String repositoryUrl,
    String license,
    String licenseUrl,
    Maturity maturity,
    String vendor,
    Map<String, String> manifest) {

  private static final int LONGEST_NAME = 63;
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+");

  /**
   * Checks what CNPG-I requires.
   *
   * @throws IllegalArgumentException if the name is malformed or a required field is empty; the
   *     message says which and why
   */
  public PluginMetadata {
    nameProblem(name)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException(problem);
            });
    required("version", version);
    required("displayName", displayName);
    required("description", description);
    required("license", license);
    required("licenseUrl", licenseUrl);
    Objects.requireNonNull(projectUrl, "projectUrl is null");
    Objects.requireNonNull(repositoryUrl, "repositoryUrl is null");
    Objects.requireNonNull(maturity, "maturity is null");
    Objects.requireNonNull(vendor, "vendor is null");
    manifest = Map.copyOf(manifest);
  }

  /**
   * What is wrong with a plugin name, if anything.
   *
   * @param name the name to check
   * @return a sentence that says what a name must look like, or empty if it is fine
   */
  public static Optional<String> nameProblem(String name) {
    if (name.length() > LONGEST_NAME) {
      return Optional.of(
          "The plugin name '%s' has %d characters; CNPG-I allows %d."
              .formatted(name, name.length(), LONGEST_NAME));
    }
    if (!NAME.matcher(name).matches()) {
      return Optional.of(
          "The plugin name '%s' is not a lower-case DNS name with at least one dot, such as 'hello-world.example.com'."
              .formatted(name));
    }
    return Optional.empty();
  }

  /**
   * Starts metadata for a plugin whose name and version stand in its manifest, so that they are
   * written down once.
   *
   * @param plugin the plugin's class; its class loader must see the manifest that names it
   * @return a builder with name and version set
   * @throws IllegalStateException if no manifest names the class
   */
  public static Builder of(Class<? extends Plugin> plugin) {
    PluginManifest manifest = PluginManifest.beside(plugin);
    return new Builder(manifest.name(), manifest.version());
  }

  /**
   * Starts metadata with a name and a version.
   *
   * @param name the plugin's name
   * @param version the plugin's version
   * @return a builder
   */
  public static Builder of(String name, String version) {
    return new Builder(name, version);
  }

  private static void required(String field, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(
          "The plugin metadata's %s is empty; CNPG-I requires it.".formatted(field));
    }
  }

  /**
   * Collects metadata; Apache-2.0 and {@link Maturity#ALPHA} unless said otherwise. Not
   * thread-safe.
   */
  public static final class Builder {
    private final String name;
    private final String version;
    private String displayName;
    private String description = "";
    private String projectUrl = "";
    private String repositoryUrl = "";
    private String license = "Apache-2.0";
    private String licenseUrl = "https://www.apache.org/licenses/LICENSE-2.0";
    private Maturity maturity = Maturity.ALPHA;
    private String vendor = "";
    private Map<String, String> manifest = Map.of();

    private Builder(String name, String version) {
      this.name = name;
      this.version = version;
      this.displayName = name;
    }

    /** Sets the name for people; the plugin's name if not given. */
    public Builder displayName(String displayName) {
      this.displayName = displayName;
      return this;
    }

    /** Says in a sentence what the plugin does; required. */
    public Builder description(String description) {
      this.description = description;
      return this;
    }

    /** Sets the home page. */
    public Builder projectUrl(String projectUrl) {
      this.projectUrl = projectUrl;
      return this;
    }

    /** Sets where the source lives. */
    public Builder repositoryUrl(String repositoryUrl) {
      this.repositoryUrl = repositoryUrl;
      return this;
    }

    /**
     * Sets the licence.
     *
     * @param spdxId SPDX identifier, such as {@code MIT}
     * @param url where its text is
     */
    public Builder license(String spdxId, String url) {
      this.license = spdxId;
      this.licenseUrl = url;
      return this;
    }

    /** Says how far the plugin has come. */
    public Builder maturity(Maturity maturity) {
      this.maturity = maturity;
      return this;
    }

    /** Says who makes the plugin. */
    public Builder vendor(String vendor) {
      this.vendor = vendor;
      return this;
    }

    /** Adds further facts for tools. */
    public Builder manifest(Map<String, String> manifest) {
      this.manifest = manifest;
      return this;
    }

    /**
     * Builds the metadata.
     *
     * @throws IllegalArgumentException if the name is malformed or a required field is empty
     */
    public PluginMetadata build() {
      return new PluginMetadata(
          name,
          version,
          displayName,
          description,
          projectUrl,
          repositoryUrl,
          license,
          licenseUrl,
          maturity,
          vendor,
          manifest);
    }
  }

  /** The maturity as CNPG-I spells it: {@code alpha}, {@code beta} or {@code stable}. */
  public String maturityName() {
    return maturity.name().toLowerCase(Locale.ROOT);
  }
}
