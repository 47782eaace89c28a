package dev.howdah.plugin.lifecycle;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Objects;

/**
 * A kind of Kubernetes object together with the class that models it.
 *
 * @param group API group; empty for the core group
 * @param kind kind, such as {@code Pod}
 * @param model the class that objects of this kind are decoded to
 */
public record ObjectType<T extends HasMetadata>(String group, String kind, Class<T> model) {

  /** Checks that nothing is missing. */
  public ObjectType {
    Objects.requireNonNull(group, "group is null");
    Objects.requireNonNull(model, "model is null");
    if (kind.isEmpty()) {
      throw new IllegalArgumentException("An object type needs a kind.");
    }
  }

  /** The type of a class of the fabric8 model, such as {@code Pod.class}. */
  public static <T extends HasMetadata> ObjectType<T> of(Class<T> model) {
    String group = HasMetadata.getGroup(model);
    return new ObjectType<>(group == null ? "" : group, HasMetadata.getKind(model), model);
  }

  /** A kind without a class of its own. */
  public static ObjectType<GenericKubernetesResource> generic(String group, String kind) {
    return new ObjectType<>(group, kind, GenericKubernetesResource.class);
  }

  /**
   * Whether the operator can decode a changed object of this kind. It can't for {@code Cluster},
   * {@code FailoverQuorum} and {@code PodMonitor}, which it knows to send but not to take back:
   * there a plugin can only observe.
   */
  public boolean changeable() {
    return !group.equals("postgresql.cnpg.io") && !group.equals("monitoring.coreos.com");
  }

  @Override
  public String toString() {
    return group.isEmpty() ? kind : kind + "." + group;
  }
}
