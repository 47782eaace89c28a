package dev.howdah.host.parameters;

import jakarta.validation.ConstraintViolation;
import jakarta.validation.MessageInterpolator;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.ValidatorFactory;
import jakarta.validation.metadata.ConstraintDescriptor;
import jakarta.validation.metadata.PropertyDescriptor;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.hibernate.validator.HibernateValidator;
import org.jspecify.annotations.Nullable;

/** Asks Jakarta Validation, always in the same language. Thread-safe. */
final class Constraints {

  /** The factory, or null if none is needed yet or it was forgotten; guarded by the class. */
  private static @Nullable ValidatorFactory current;

  private Constraints() {}

  /** Built when first needed: it takes longer than everything else a small host does at start. */
  private static synchronized ValidatorFactory factory() {
    ValidatorFactory factory = current;
    if (factory == null) {
      // The messages without a language's suffix are the English ones; asking for English would
      // give those of the machine's language.
      factory =
          Validation.byProvider(HibernateValidator.class)
              .configure()
              .defaultLocale(Locale.ROOT)
              .buildValidatorFactory();
      current = factory;
    }
    return factory;
  }

  private static Validator validator() {
    return factory().getValidator();
  }

  /** Lets go of all classes seen so far; who validates in that moment goes on undisturbed. */
  static synchronized void forgetClasses() {
    current = null;
  }

  /** What is wrong with one component's value, sorted. */
  static List<String> problems(Class<? extends Record> type, String component, Object value) {
    return messages(validator().validateValue(type, component, value));
  }

  /** What is wrong with a record whose components are fine one by one, sorted. */
  static List<String> problems(Record instance) {
    return messages(validator().validate(instance));
  }

  /** What is wrong with a record and what it holds, each with its path, sorted. */
  static List<String> violations(Record instance) {
    return validator().validate(instance).stream()
        .map(violation -> violation.getPropertyPath() + " " + violation.getMessage())
        .sorted()
        .toList();
  }

  private static <T> List<String> messages(Set<ConstraintViolation<T>> violations) {
    return violations.stream().map(ConstraintViolation::getMessage).distinct().sorted().toList();
  }

  /** What a component must keep, in the words of the messages, sorted. */
  static List<String> describe(Class<? extends Record> type, String component) {
    PropertyDescriptor property =
        validator().getConstraintsForClass(type).getConstraintsForProperty(component);
    return property == null ? List.of() : words(property.getConstraintDescriptors());
  }

  private static List<String> words(Collection<ConstraintDescriptor<?>> descriptors) {
    return descriptors.stream()
        .map(
            descriptor ->
                factory()
                    .getMessageInterpolator()
                    .interpolate(
                        descriptor.getMessageTemplate(), new Description(descriptor), Locale.ROOT))
        .distinct()
        .sorted()
        .toList();
  }

  /** A constraint that no value has broken yet. */
  private record Description(ConstraintDescriptor<?> descriptor)
      implements MessageInterpolator.Context {

    @Override
    public ConstraintDescriptor<?> getConstraintDescriptor() {
      return descriptor;
    }

    @Override
    public @Nullable Object getValidatedValue() {
      return null;
    }

    @Override
    public <T> T unwrap(Class<T> type) {
      return type.cast(this);
    }
  }
}
