package dev.howdah.host.parameters;

import java.util.List;
import java.util.Optional;

/**
 * A parameter as its user sees it, for {@code howdah plugins explain}.
 *
 * @param name its name in the Cluster
 * @param type what to write, in words, such as {@code duration (30s, 5m, 1h30m)}
 * @param defaultValue what holds without it, as a user would write it; empty if nothing does
 * @param required whether it must be given
 * @param immutable whether it can't change once the Cluster exists
 * @param constraints what else it must keep, in words
 * @param description what it is for; may be empty
 */
public record ParameterDescription(
    String name,
    String type,
    Optional<String> defaultValue,
    boolean required,
    boolean immutable,
    List<String> constraints,
    String description) {

  /** Copies the list. */
  public ParameterDescription {
    constraints = List.copyOf(constraints);
  }
}
