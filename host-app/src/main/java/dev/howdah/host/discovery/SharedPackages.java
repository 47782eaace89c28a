package dev.howdah.host.discovery;

import dev.howdah.plugin.PluginManifest;
import java.util.List;
import java.util.Optional;

/**
 * The packages that a drop-in plugin takes from the host: the plugin API, and whatever types stand
 * in its signatures. Their versions belong to the version of the API. Nothing else of the host is
 * visible to a drop-in, so that it can bring any version of any other library.
 */
public final class SharedPackages {

  /**
   * Packages that are shared.
   *
   * @param prefix of class names, with the last dot
   * @param artifact what to leave out of a plugin's JAR, as Maven names it
   */
  record Shared(String prefix, String artifact) {}

  private static final List<Shared> ALWAYS =
      List.of(
          new Shared("dev.howdah.plugin.", "dev.howdah:howdah-plugin-api"),
          new Shared("io.fabric8.", "io.fabric8:*"),
          new Shared("tools.jackson.", "tools.jackson.core:*"),
          new Shared(
              "com.fasterxml.jackson.annotation.",
              "com.fasterxml.jackson.core:jackson-annotations"),
          new Shared("org.slf4j.", "org.slf4j:slf4j-api"),
          new Shared("io.micrometer.", "io.micrometer:*"),
          new Shared("jakarta.validation.", "jakarta.validation:jakarta.validation-api"),
          new Shared("org.jspecify.", "org.jspecify:jspecify"));

  private static final Shared SPRING = new Shared("org.springframework.", "org.springframework:*");

  private final boolean spring;

  private SharedPackages(boolean spring) {
    this.spring = spring;
  }

  /** What is shared with the plugin of a manifest. */
  public static SharedPackages with(PluginManifest manifest) {
    return new SharedPackages(manifest.spring());
  }

  /**
   * Whether a class is the host's.
   *
   * @param className as {@code Class.getName()} has it
   */
  public boolean contains(String className) {
    return find(className).isPresent();
  }

  /** Which of the shared packages a class is in. */
  Optional<Shared> find(String className) {
    for (Shared shared : ALWAYS) {
      if (className.startsWith(shared.prefix())) {
        return Optional.of(shared);
      }
    }
    return spring && className.startsWith(SPRING.prefix()) ? Optional.of(SPRING) : Optional.empty();
  }
}
