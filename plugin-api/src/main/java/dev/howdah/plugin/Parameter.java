package dev.howdah.plugin;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes a component of a parameters record: {@code spec.plugins[].parameters} is a map of
 * strings, and each component takes one of them. Constraints are those of Jakarta Validation, on
 * the component.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Parameter {

  /** The parameter's name in the Cluster; the component's name if empty. */
  String name() default "";

  /** What it is for, in a sentence; shown by {@code howdah plugins explain}. */
  String description() default "";

  /**
   * What holds when it isn't given, written as a user would write it. Without one it is required,
   * unless its type is an Optional, a List or a Map.
   */
  String defaultValue() default NONE;

  /** Whether its value may not change once the Cluster exists. */
  boolean immutable() default false;

  /** Says that there is no default. */
  String NONE = "\u0000none";
}
