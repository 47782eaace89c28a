package dev.howdah.host.sidecar;

import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.Mode;
import dev.howdah.plugin.cluster.Cluster;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which enrichment is active in a Cluster. All instances must answer the same configuration at any
 * time, since the operator rolls nothing while they differ; so it depends on an annotation of the
 * Cluster alone, which operator mode writes once every instance can follow it.
 *
 * <p>On one machine nobody writes annotations: in mode {@code all} the newest revision is active in
 * a Cluster that has none.
 */
public final class EnrichmentActivation {

  /** The annotation: {@code id@revision}, separated by commas. */
  public static final String ANNOTATION = "howdah.dev/enrich";

  private static final Pattern ENTRY =
      Pattern.compile("([a-z0-9]([a-z0-9-]*[a-z0-9])?)@(\\d{1,6})");

  private final boolean newestByDefault;

  EnrichmentActivation(HowdahProperties properties) {
    this.newestByDefault = properties.mode() != Mode.INSTANCE;
  }

  /** What is active in a Cluster. */
  public Active of(Cluster cluster) {
    String annotation = cluster.annotations().get(ANNOTATION);
    return new Active(parse(annotation == null ? "" : annotation), annotation != null);
  }

  /**
   * Reads the annotation.
   *
   * @return revisions by plugin id. What isn't an entry is none: it is the same for every instance,
   *     and a misspelt one must not keep them from their configuration.
   */
  static SortedMap<String, Integer> parse(String annotation) {
    SortedMap<String, Integer> revisions = new TreeMap<>();
    for (String part : annotation.split(",", -1)) {
      Matcher entry = ENTRY.matcher(part.strip());
      if (entry.matches()) {
        revisions.put(entry.group(1), Integer.valueOf(entry.group(3)));
      }
    }
    return revisions;
  }

  /** Writes the annotation. */
  static String write(SortedMap<String, Integer> revisions) {
    StringBuilder text = new StringBuilder();
    revisions.forEach(
        (id, revision) ->
            text.append(text.isEmpty() ? "" : ",").append(id).append('@').append(revision));
    return text.toString();
  }

  /** What is active in one Cluster. */
  public final class Active {

    private final SortedMap<String, Integer> revisions;
    private final boolean annotated;

    private Active(SortedMap<String, Integer> revisions, boolean annotated) {
      this.revisions = revisions;
      this.annotated = annotated;
    }

    /** Whether the annotation names a plugin. */
    public boolean named(String id) {
      return revisions.containsKey(id);
    }

    /**
     * The active revision of a plugin's enrichment.
     *
     * @param id the plugin's id
     * @param known the revisions that it has here
     * @return may be one that it doesn't have; empty if none is active
     */
    public Optional<Integer> revision(String id, SortedMap<Integer, ?> known) {
      if (annotated || !newestByDefault) {
        return Optional.ofNullable(revisions.get(id));
      }
      return known.isEmpty() ? Optional.empty() : Optional.of(known.lastKey());
    }
  }
}
