package dev.howdah.testkit;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.AbstractObjectAssert;
import org.assertj.core.api.Assertions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A Kubernetes object as the operator would write it after the plugin. */
public final class ObjectAnswer extends AbstractObjectAssert<ObjectAnswer, JsonNode> {

  private final ObjectNode before;
  private final ObjectNode after;

  ObjectAnswer(ObjectNode before, ObjectNode after) {
    super(after, ObjectAnswer.class);
    this.before = before;
    this.after = after;
  }

  ObjectAnswer comparedWith(ObjectNode original) {
    return new ObjectAnswer(original, after);
  }

  ObjectNode tree() {
    return after;
  }

  /** The object as a model of fabric8's, such as {@code Pod.class}. */
  public <T extends HasMetadata> T as(Class<T> model) {
    return Models.decode(after, model);
  }

  /**
   * Looks at the object as a model of fabric8's.
   *
   * @param model such as {@code Pod.class}
   * @param assertions what is to be true of it
   */
  public <T extends HasMetadata> ObjectAnswer satisfies(Class<T> model, Consumer<T> assertions) {
    assertions.accept(as(model));
    return this;
  }

  /** The plugin left the object alone. */
  public ObjectAnswer isUnchanged() {
    Assertions.assertThat((JsonNode) after)
        .as("the object, which the plugin leaves alone")
        .isEqualTo(before);
    return this;
  }

  /** The object has a label. */
  public ObjectAnswer hasLabel(String key, String value) {
    return hasEntry("labels", key, value);
  }

  /** The object has an annotation. */
  public ObjectAnswer hasAnnotation(String key, String value) {
    return hasEntry("annotations", key, value);
  }

  /** The object doesn't have a label. */
  public ObjectAnswer hasNoLabel(String key) {
    Assertions.assertThat(names(after.at("/metadata/labels"))).as("labels").doesNotContain(key);
    return this;
  }

  /** The Pod, or the Job's Pod, has a container. */
  public ObjectAnswer hasContainer(String name) {
    return hasNamed("containers", name);
  }

  /** The Pod, or the Job's Pod, has an init container; native sidecars are init containers. */
  public ObjectAnswer hasInitContainer(String name) {
    return hasNamed("initContainers", name);
  }

  /** The Pod, or the Job's Pod, has a volume. */
  public ObjectAnswer hasVolume(String name) {
    return hasNamed("volumes", name);
  }

  private ObjectAnswer hasEntry(String map, String key, String value) {
    JsonNode entries = after.path("metadata").path(map);
    JsonNode actual = entries.path(key);
    if (!actual.asString("").equals(value) || actual.isMissingNode()) {
      throw new AssertionError(
          "The %s has %s['%s'] = %s, not '%s'; its %s are %s."
              .formatted(
                  after.path("kind").asString("object"),
                  map,
                  key,
                  actual.isMissingNode() ? "nothing" : actual,
                  value,
                  map,
                  entries));
    }
    return this;
  }

  private ObjectAnswer hasNamed(String list, String name) {
    JsonNode direct = after.at("/spec/" + list);
    JsonNode items = direct.isMissingNode() ? after.at("/spec/template/spec/" + list) : direct;
    List<String> names = new ArrayList<>();
    items.forEach(item -> names.add(item.path("name").asString("")));
    Assertions.assertThat(names).as(list).contains(name);
    return this;
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.properties().forEach(field -> names.add(field.getKey()));
    return names;
  }
}
