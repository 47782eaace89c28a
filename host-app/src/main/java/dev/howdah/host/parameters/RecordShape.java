package dev.howdah.host.parameters;

import dev.howdah.plugin.Parameter;
import dev.howdah.plugin.PluginException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** How one record is made of parameters. Immutable. */
final class RecordShape {

  private static final ClassValue<RecordShape> SHAPES =
      new ClassValue<>() {
        @Override
        protected RecordShape computeValue(Class<?> type) {
          return new RecordShape(type.asSubclass(Record.class));
        }
      };

  /**
   * One component.
   *
   * @param component its name in Java
   * @param name its name as a parameter
   * @param type how its values are read
   * @param defaultText what holds without it, as a user would write it
   * @param absent its value if it isn't given; empty if it is required
   * @param immutable whether it can't change
   * @param description what it is for
   */
  record Slot(
      String component,
      String name,
      ValueType type,
      Optional<String> defaultText,
      Optional<Object> absent,
      boolean immutable,
      String description) {}

  /**
   * What came of reading parameters.
   *
   * @param values the components that are fine, by their names in Java
   * @param problems what is wrong
   */
  record Reading(Map<String, Object> values, List<ParameterProblem> problems) {}

  private final Class<? extends Record> type;
  private final Constructor<? extends Record> constructor;
  private final List<Slot> slots;

  private RecordShape(Class<? extends Record> type) {
    this.type = type;
    RecordComponent[] components = type.getRecordComponents();
    this.constructor = constructor(type, components);
    this.slots = Arrays.stream(components).map(component -> slot(type, component)).toList();
  }

  /**
   * The shape of a record.
   *
   * @throws IllegalArgumentException if a component can't be a parameter or its default is wrong
   */
  static RecordShape of(Class<? extends Record> type) {
    return SHAPES.get(type);
  }

  List<Slot> slots() {
    return slots;
  }

  /** Reads each component for itself and checks its constraints. */
  Reading read(Map<String, String> parameters) {
    Map<String, Object> values = new LinkedHashMap<>();
    List<ParameterProblem> problems = new ArrayList<>();
    for (Slot slot : slots) {
      read(slot, parameters.get(slot.name()), values, problems);
    }
    for (String name : new TreeSet<>(parameters.keySet())) {
      if (slots.stream().noneMatch(slot -> slot.name().equals(name))) {
        problems.add(ParameterProblem.of(name, parameters.getOrDefault(name, ""), unknown(name)));
      }
    }
    return new Reading(values, problems);
  }

  private void read(
      Slot slot,
      @Nullable String text,
      Map<String, Object> values,
      List<ParameterProblem> problems) {
    String written = text != null ? text : slot.defaultText().orElse("");
    try {
      if (text == null && slot.absent().isEmpty()) {
        problems.add(
            ParameterProblem.of(slot.name(), "", "is required: %s".formatted(slot.type().words())));
        return;
      }
      Object value = text == null ? slot.absent().orElseThrow() : slot.type().read(text);
      List<String> broken = Constraints.problems(type, slot.component(), value);
      broken.forEach(message -> problems.add(ParameterProblem.of(slot.name(), written, message)));
      if (broken.isEmpty()) {
        values.put(slot.component(), value);
      }
    } catch (InvalidValueException e) {
      problems.add(ParameterProblem.of(slot.name(), written, String.valueOf(e.getMessage())));
    }
  }

  /**
   * Makes the record and checks the constraints that are about the whole of it.
   *
   * @param values a value for each component
   * @param problems where what is wrong is added
   * @return the record, or empty if something is wrong
   */
  Optional<Record> make(Map<String, Object> values, List<ParameterProblem> problems) {
    Object[] arguments =
        slots.stream().map(slot -> values.get(slot.component())).toArray(Object[]::new);
    try {
      Record made = constructor.newInstance(arguments);
      List<String> broken = Constraints.problems(made);
      broken.forEach(message -> problems.add(ParameterProblem.ofAll(message)));
      return broken.isEmpty() ? Optional.of(made) : Optional.empty();
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused
          && refused.getMessage() != null) {
        problems.add(ParameterProblem.ofAll(refused.getMessage()));
        return Optional.empty();
      }
      throw unmakeable(e);
    } catch (ReflectiveOperationException e) {
      throw unmakeable(e);
    }
  }

  private PluginException unmakeable(ReflectiveOperationException cause) {
    return new PluginException(
        PluginException.Kind.INTERNAL,
        "The record %s can't be made, which is a fault of the plugin; its log says why."
            .formatted(type.getSimpleName()),
        cause);
  }

  private String unknown(String name) {
    List<String> names = slots.stream().map(Slot::name).toList();
    if (names.isEmpty()) {
      return "is unknown; there are no parameters";
    }
    return NearestName.to(name, names)
        .map(nearest -> "is unknown; did you mean '%s'?".formatted(nearest))
        .orElseGet(() -> "is unknown; known are " + String.join(", ", names));
  }

  private static Constructor<? extends Record> constructor(
      Class<? extends Record> type, RecordComponent[] components) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<? extends Record> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor;
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("Every record has its canonical constructor.", e);
    }
  }

  private static Slot slot(Class<? extends Record> record, RecordComponent component) {
    Parameter described = component.getAnnotation(Parameter.class);
    Type javaType = component.getGenericType();
    ValueType type =
        ValueTypes.of(javaType, NestedRecordType::new)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "The component '%s' of %s can't be a parameter: its type is %s. Use texts,"
                                .formatted(
                                    component.getName(), record.getName(), javaType.getTypeName())
                            + " numbers, booleans, enums, Duration, URI, Quantity, Optional, List,"
                            + " Map of texts, JsonNode or a record."));
    Optional<String> defaultText =
        described == null || described.defaultValue().equals(Parameter.NONE)
            ? Optional.empty()
            : Optional.of(described.defaultValue());
    return new Slot(
        component.getName(),
        described == null || described.name().isEmpty() ? component.getName() : described.name(),
        type,
        defaultText,
        absent(record, component, type, defaultText),
        described != null && described.immutable(),
        described == null ? "" : described.description());
  }

  private static Optional<Object> absent(
      Class<?> record, RecordComponent component, ValueType type, Optional<String> defaultText) {
    if (defaultText.isEmpty()) {
      return Optional.ofNullable(
          switch (type) {
            case ValueTypes.OptionalType optional -> Optional.empty();
            case ValueTypes.ListType list -> List.of();
            case ValueTypes.MapType map -> Map.of();
            default -> null;
          });
    }
    try {
      return Optional.of(type.read(defaultText.get()));
    } catch (InvalidValueException e) {
      throw new IllegalArgumentException(
          "The default '%s' of the component '%s' of %s %s."
              .formatted(defaultText.get(), component.getName(), record.getName(), e.getMessage()),
          e);
    }
  }

  /** A record inside a record, written as a JSON object. Its shape is looked at when needed. */
  private record NestedRecordType(Class<? extends Record> type) implements ValueType {

    @Override
    public String words() {
      List<String> names = RecordShape.of(type).slots().stream().map(Slot::name).toList();
      return "JSON object with " + String.join(", ", names);
    }

    @Override
    public Object read(String text) throws InvalidValueException {
      RecordShape shape = RecordShape.of(type);
      Reading reading = shape.read(ValueTypes.fields(text, "a valid JSON object"));
      List<ParameterProblem> problems = new ArrayList<>(reading.problems());
      Optional<Record> made =
          problems.isEmpty() ? shape.make(reading.values(), problems) : Optional.empty();
      if (made.isPresent()) {
        return made.get();
      }
      throw new InvalidValueException(
          "is wrong: "
              + String.join("; ", problems.stream().map(NestedRecordType::words).toList()));
    }

    private static String words(ParameterProblem problem) {
      return problem
          .parameter()
          .map(name -> "'%s' %s".formatted(name, problem.message()))
          .orElse(problem.message());
    }
  }
}
