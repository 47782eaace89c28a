package dev.howdah.plugins.configuration.policy;

import dev.howdah.plugin.cluster.Cluster;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Chooses Clusters.
 *
 * @param namespaces names of namespaces, with {@code *} for anything; all if empty
 * @param exceptNamespaces names of namespaces that are left out although they match
 * @param labels labels that the Cluster must have, {@code *} standing for any value
 */
public record Selector(List<String> namespaces, List<String> exceptNamespaces, List<Label> labels) {

  /** Chooses every Cluster. */
  public static final Selector EVERYTHING = new Selector(List.of(), List.of(), List.of());

  /**
   * A label.
   *
   * @param name its key
   * @param value its value; any if absent
   */
  public record Label(String name, String value) {

    /** Fills in what wasn't given. */
    @SuppressWarnings("ConstantValue")
    public Label {
      if (name == null || name.isBlank()) {
        throw new IllegalArgumentException("A label in a selector needs a name.");
      }
      value = value == null ? "*" : value;
    }

    boolean on(Map<String, String> labels) {
      String actual = labels.get(name);
      return actual != null && matches(value, actual);
    }
  }

  /** Fills in what wasn't given. */
  public Selector {
    namespaces = Policy.orEmpty(namespaces);
    exceptNamespaces = Policy.orEmpty(exceptNamespaces);
    labels = Policy.orEmpty(labels);
  }

  boolean selects(Cluster cluster) {
    String namespace = cluster.namespace();
    boolean within =
        namespaces.isEmpty() || namespaces.stream().anyMatch(glob -> matches(glob, namespace));
    boolean excepted = exceptNamespaces.stream().anyMatch(glob -> matches(glob, namespace));
    Map<String, String> actual = cluster.labels();
    return within && !excepted && labels.stream().allMatch(label -> label.on(actual));
  }

  /** Whether a text is what a pattern with {@code *} describes. */
  static boolean matches(String glob, String text) {
    String regex =
        Pattern.compile("\\*")
            .splitAsStream(glob + "\0")
            .map(part -> Pattern.quote(part.replace("\0", "")))
            .collect(Collectors.joining(".*"));
    return Pattern.compile(regex, Pattern.DOTALL).matcher(text).matches();
  }
}
