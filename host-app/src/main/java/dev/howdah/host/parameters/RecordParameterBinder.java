package dev.howdah.host.parameters;

import dev.howdah.plugin.ParameterBinder;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.admission.ValidationFinding;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Binds parameters to records. Thread-safe; one serves the whole host.
 *
 * <p>Components can be texts, whole and decimal numbers, booleans, enums, {@link
 * java.time.Duration}s, URIs, Quantities, Optionals and Lists of these, and, written as JSON, maps
 * of texts, records and JSON nodes.
 */
public final class RecordParameterBinder implements ParameterBinder {

  private static final Comparator<ValidationFinding> BY_PATH =
      Comparator.comparing((ValidationFinding finding) -> String.join("\0", finding.path()))
          .thenComparing(ValidationFinding::message);

  @Override
  public <P extends Record> P bind(
      Class<P> type, Map<String, String> parameters, List<String> path) {
    List<ParameterProblem> problems = new ArrayList<>();
    Optional<Record> made = make(type, parameters, problems);
    if (made.isPresent()) {
      return type.cast(made.get());
    }
    ValidationFinding first = findings(problems, path).getFirst();
    throw new PluginException(
        PluginException.Kind.INVALID, written(first.path()) + " " + first.message());
  }

  /**
   * Finds everything that is wrong with parameters.
   *
   * @param type the record they bind to
   * @param parameters names and values as written
   * @param path where they stand in the Cluster
   * @return findings with the path of the parameter, sorted by it; empty if they bind
   * @throws IllegalArgumentException if the record has a component that can't be a parameter
   */
  public List<ValidationFinding> check(
      Class<? extends Record> type, Map<String, String> parameters, List<String> path) {
    List<ParameterProblem> problems = new ArrayList<>();
    make(type, parameters, problems);
    return findings(problems, path);
  }

  /**
   * Finds changes of parameters that can't be changed. Values are compared, not texts: {@code 60s}
   * is {@code 1m}, and the default written out is the default. What was wrong before may be
   * corrected; what is wrong now is for {@link #check}.
   *
   * @param type the record they bind to
   * @param before names and values as they are
   * @param after names and values as they shall be
   * @param path where they stand in the Cluster
   * @return findings with the path of the parameter, sorted by it
   */
  public List<ValidationFinding> checkChange(
      Class<? extends Record> type,
      Map<String, String> before,
      Map<String, String> after,
      List<String> path) {
    RecordShape shape = RecordShape.of(type);
    Map<String, Object> old = shape.read(before).values();
    Map<String, Object> wanted = shape.read(after).values();
    List<ParameterProblem> problems = new ArrayList<>();
    for (RecordShape.Slot slot : shape.slots()) {
      Object from = old.get(slot.component());
      Object to = wanted.get(slot.component());
      if (slot.immutable() && from != null && to != null && !same(from, to)) {
        problems.add(
            ParameterProblem.of(
                slot.name(),
                text(slot, after),
                "can't be changed once the Cluster exists; set it back to '%s'"
                    .formatted(text(slot, before))));
      }
    }
    return findings(problems, path);
  }

  /**
   * Describes the parameters of a record, in the order of its components.
   *
   * @throws IllegalArgumentException if the record has a component that can't be a parameter
   */
  public List<ParameterDescription> describe(Class<? extends Record> type) {
    return RecordShape.of(type).slots().stream()
        .map(
            slot ->
                new ParameterDescription(
                    slot.name(),
                    slot.type().words(),
                    slot.defaultText(),
                    slot.absent().isEmpty(),
                    slot.immutable(),
                    Constraints.describe(type, slot.component()),
                    slot.description()))
        .toList();
  }

  private static Optional<Record> make(
      Class<? extends Record> type,
      Map<String, String> parameters,
      List<ParameterProblem> problems) {
    RecordShape shape = RecordShape.of(type);
    RecordShape.Reading reading = shape.read(parameters);
    problems.addAll(reading.problems());
    return problems.isEmpty() ? shape.make(reading.values(), problems) : Optional.empty();
  }

  private static String text(RecordShape.Slot slot, Map<String, String> parameters) {
    return parameters.getOrDefault(slot.name(), slot.defaultText().orElse(""));
  }

  /** Numbers are the same if they are equal, whatever number of zeros they are written with. */
  private static boolean same(Object one, Object other) {
    if (one instanceof BigDecimal a && other instanceof BigDecimal b) {
      return a.compareTo(b) == 0;
    }
    if (one instanceof Optional<?> a && other instanceof Optional<?> b) {
      return a.isPresent() && b.isPresent() ? same(a.get(), b.get()) : a.equals(b);
    }
    if (one instanceof List<?> a && other instanceof List<?> b) {
      return a.size() == b.size()
          && IntStream.range(0, a.size()).allMatch(i -> same(a.get(i), b.get(i)));
    }
    return one.equals(other);
  }

  private static List<ValidationFinding> findings(
      List<ParameterProblem> problems, List<String> path) {
    return problems.stream()
        .map(
            problem ->
                ValidationFinding.error(
                    problem.parameter().map(name -> below(path, name)).orElse(path),
                    problem.value(),
                    problem.message()))
        .sorted(BY_PATH)
        .toList();
  }

  private static List<String> below(List<String> path, String name) {
    List<String> whole = new ArrayList<>(path);
    whole.add(name);
    return whole;
  }

  /** The path as Kubernetes writes it, such as {@code spec.plugins[0].parameters.labels}. */
  private static String written(List<String> path) {
    StringBuilder written = new StringBuilder();
    for (String step : path) {
      if (!step.isEmpty() && step.chars().allMatch(Character::isDigit)) {
        written.append('[').append(step).append(']');
      } else {
        written.append(written.isEmpty() ? "" : ".").append(step);
      }
    }
    return written.toString();
  }
}
