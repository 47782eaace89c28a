package dev.howdah.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What a plugin's JAR says of itself before any of its code runs: the properties file {@value
 * #LOCATION}.
 *
 * <pre>{@code
 * class=com.example.HelloPlugin
 * id=hello
 * name=hello.example.com
 * version=1.0.0
 * api=[1.0,2.0)
 * }</pre>
 *
 * @param pluginClass the class that implements {@link Plugin}
 * @param id one lower-case DNS label, unique in a host; the plugin's configuration is {@code
 *     howdah.plugins.<id>.*}
 * @param name the plugin's name as the operator sees it
 * @param version the plugin's own version
 * @param api the versions of this API it works with
 * @param spring whether the plugin wants the host's Spring classes ({@code spring=true}); if not,
 *     it may bring its own
 */
public record PluginManifest(
    String pluginClass, String id, String name, String version, ApiRange api, boolean spring) {

  /** Where the manifest lies in a JAR. */
  public static final String LOCATION = "META-INF/howdah/plugin.properties";

  private static final Pattern ID = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern CLASS_NAME =
      Pattern.compile("\\p{javaJavaIdentifierStart}[\\p{javaJavaIdentifierPart}.$]*");
  private static final Set<String> KEYS = Set.of("class", "id", "name", "version", "api", "spring");

  /**
   * Checks the fields.
   *
   * @throws IllegalArgumentException if one is missing or malformed; the message says which, and
   *     what it must look like
   */
  public PluginManifest {
    if (!CLASS_NAME.matcher(pluginClass).matches()) {
      throw new IllegalArgumentException(
          "class='%s' is not the name of a class, such as 'com.example.HelloPlugin'."
              .formatted(pluginClass));
    }
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "id='%s' is not a lower-case DNS label (letters, digits and '-', at most 63), such as 'hello'."
              .formatted(id));
    }
    PluginMetadata.nameProblem(name)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException(problem);
            });
    if (version.isBlank()) {
      throw new IllegalArgumentException("version is empty.");
    }
  }

  /**
   * Reads a manifest.
   *
   * @param in the properties file, in UTF-8; not closed
   * @throws IllegalArgumentException if a key is missing, malformed or unknown
   * @throws IOException if reading fails
   */
  public static PluginManifest read(InputStream in) throws IOException {
    Properties properties = new Properties();
    properties.load(new InputStreamReader(in, StandardCharsets.UTF_8));
    Set<String> unknown = new TreeSet<>(properties.stringPropertyNames());
    unknown.removeAll(KEYS);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "unknown keys %s; known are %s.".formatted(unknown, new TreeSet<>(KEYS)));
    }
    return new PluginManifest(
        required(properties, "class"),
        required(properties, "id"),
        required(properties, "name"),
        required(properties, "version"),
        ApiRange.parse(required(properties, "api")),
        flag(properties, "spring"));
  }

  /**
   * Finds the manifest that names a plugin's class, among all that its class loader sees.
   *
   * @param plugin the plugin's class
   * @throws IllegalStateException if there is none or it can't be read
   */
  static PluginManifest beside(Class<? extends Plugin> plugin) {
    try {
      ClassLoader loader = plugin.getClassLoader();
      Enumeration<URL> manifests = loader.getResources(LOCATION);
      while (manifests.hasMoreElements()) {
        try (InputStream in = manifests.nextElement().openStream()) {
          PluginManifest manifest = read(in);
          if (manifest.pluginClass().equals(plugin.getName())) {
            return manifest;
          }
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "The manifest of %s can't be read.".formatted(plugin.getName()), e);
    }
    throw new IllegalStateException(
        "No %s names %s; add one beside the class, with class=%s."
            .formatted(LOCATION, plugin.getName(), plugin.getName()));
  }

  private static String required(Properties properties, String key) {
    String value = properties.getProperty(key, "").strip();
    if (value.isEmpty()) {
      throw new IllegalArgumentException("the key '%s' is missing.".formatted(key));
    }
    return value;
  }

  private static boolean flag(Properties properties, String key) {
    String value = properties.getProperty(key, "false").strip();
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(
              "%s='%s' is neither 'true' nor 'false'.".formatted(key, value));
    };
  }
}
