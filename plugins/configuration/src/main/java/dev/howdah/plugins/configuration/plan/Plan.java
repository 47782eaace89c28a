package dev.howdah.plugins.configuration.plan;

import dev.howdah.plugins.configuration.plan.PlannedParameter.Source;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What becomes of a Cluster's PostgreSQL parameters.
 *
 * @param major the PostgreSQL it is for
 * @param parameters all that the Cluster has or somebody wants, by name
 * @param notes what else there is to say, such as why nothing was tuned
 */
public record Plan(int major, List<PlannedParameter> parameters, List<String> notes) {

  private static final Set<Source> OURS = Set.of(Source.POLICY, Source.LOGGING, Source.PROFILE);

  /** Copies the lists. */
  public Plan {
    parameters = List.copyOf(parameters);
    notes = List.copyOf(notes);
  }

  /** What one source wants, by name. */
  public SortedMap<String, PlannedParameter> from(Source source) {
    SortedMap<String, PlannedParameter> wanted = new TreeMap<>();
    parameters.stream()
        .filter(parameter -> parameter.source() == source)
        .forEach(parameter -> wanted.put(parameter.name(), parameter));
    return wanted;
  }

  /**
   * A digest of all that policies, plugins and the profile set: {@code sha256:} and hexadecimal
   * digits over the sorted {@code name=value} lines.
   */
  public String digest() {
    StringBuilder lines = new StringBuilder();
    parameters.stream()
        .filter(parameter -> OURS.contains(parameter.source()) && !parameter.by().isEmpty())
        .sorted(Comparator.comparing(PlannedParameter::name))
        .forEach(p -> lines.append(p.name()).append('=').append(p.value()).append('\n'));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(lines.toString().getBytes(StandardCharsets.UTF_8));
      return "sha256:" + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }
}
