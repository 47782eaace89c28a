package dev.howdah.host.guard;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.zjsonpatch.DiffFlags;
import io.fabric8.zjsonpatch.JsonDiff;
import io.fabric8.zjsonpatch.JsonPatch;
import io.fabric8.zjsonpatch.JsonPatchException;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes the RFC 6902 patch that turns an object as the operator sent it into the object that a
 * plugin wants, and refuses what would break it. Thread-safe.
 *
 * <p>The difference is taken between both sides of the same model, so fields that the model doesn't
 * know are never touched. Before a patch leaves, it is applied to the original and the result
 * compared with what was wanted. The same two objects give the same bytes, on every replica: the
 * operator compares what comes of them with what runs.
 */
public final class PatchGuard {

  private static final byte[] NOTHING = {};

  private final PatchMemory memory = new PatchMemory();

  /** No move and copy: they make a patch shorter, and its reader think. */
  private static final EnumSet<DiffFlags> FLAGS =
      EnumSet.of(
          DiffFlags.OMIT_VALUE_ON_REMOVE,
          DiffFlags.OMIT_MOVE_OPERATION,
          DiffFlags.OMIT_COPY_OPERATION);

  private static final List<String> IDENTITY =
      List.of(
          "/apiVersion",
          "/kind",
          "/metadata/name",
          "/metadata/generateName",
          "/metadata/namespace",
          "/metadata/uid",
          "/metadata/ownerReferences");

  /** Groups without a domain; all other groups that the operator decodes end in {@code .k8s.io}. */
  private static final Set<String> SHORT_GROUPS =
      Set.of("", "apps", "autoscaling", "batch", "extensions", "policy");

  /**
   * Makes the answer of a lifecycle hook.
   *
   * @param plugin name of the plugin
   * @param original the object as the operator sent it; the difference is taken from what its model
   *     makes of it, so the plugin may have changed the object it was given
   * @param after the object as the plugin wants it
   * @return a JSON patch in UTF-8; empty if there is nothing to change
   * @throws GuardViolation if the operator can't take the change, or it would break the object
   * @throws PluginException of kind {@code INVALID} if the original can't be decoded
   */
  public byte[] lifecyclePatch(
      String plugin, OperatorObject original, @Nullable HasMetadata after) {
    if (after == null) {
      throw new GuardViolation(
          plugin,
          GuardRule.ANSWER_MISSING,
          "its lifecycle hook returned nothing; return the object unchanged to leave it as it is.");
    }
    byte[] wanted = wanted(plugin, after);
    ByteBuffer key = PatchMemory.key(after.getClass(), original.json(), wanted);
    byte[] known = memory.get(key);
    if (known != null) {
      return known;
    }
    byte[] patch = provenPatch(plugin, original, after.getClass(), tree(plugin, wanted));
    memory.put(key, patch);
    return patch;
  }

  private static byte[] provenPatch(
      String plugin,
      OperatorObject original,
      Class<? extends HasMetadata> model,
      ObjectNode wanted) {
    ObjectNode before = ModelJson.tree(original.as(model));
    if (before.equals(wanted)) {
      return NOTHING;
    }
    checkDecodable(plugin, before);
    checkIdentity(plugin, before, wanted);
    checkPod(plugin, before, wanted);
    JsonNode patch = difference(plugin, before, wanted);
    prove(plugin, original.tree(), patch, model, wanted);
    return ModelJson.bytes(patch);
  }

  /**
   * Makes the answer of a defaults hook.
   *
   * @param plugin name of the plugin
   * @param before the Cluster as it was sent
   * @param after the Cluster as the plugin wants it
   * @return a JSON patch in UTF-8; empty if there is nothing to change
   * @throws GuardViolation if it would become another Cluster, or its status would change
   */
  public byte[] clusterPatch(String plugin, Cluster before, @Nullable Cluster after) {
    if (after == null) {
      throw new GuardViolation(
          plugin,
          GuardRule.ANSWER_MISSING,
          "its defaults hook returned nothing; return the Cluster unchanged to leave it as it is.");
    }
    ObjectNode from = ModelJson.sorted(before.json());
    ObjectNode to = ModelJson.sorted(after.json());
    if (from.equals(to)) {
      return NOTHING;
    }
    checkIdentity(plugin, from, to);
    if (!from.path("status").equals(to.path("status"))) {
      throw new GuardViolation(
          plugin,
          GuardRule.PATCH_IDENTITY,
          "it changes the Cluster's status, which is the operator's; use a status hook.");
    }
    JsonNode patch = difference(plugin, from, to);
    if (!apply(plugin, patch, from).equals(to)) {
      throw unfaithful(plugin, null);
    }
    return ModelJson.bytes(patch);
  }

  private static byte[] wanted(String plugin, HasMetadata after) {
    try {
      return ModelJson.write(after);
    } catch (JacksonException e) {
      throw unfaithful(plugin, e);
    }
  }

  private static ObjectNode tree(String plugin, byte[] json) {
    try {
      return ModelJson.readSorted(json);
    } catch (JacksonException e) {
      throw unfaithful(plugin, e);
    }
  }

  private static void checkDecodable(String plugin, ObjectNode object) {
    String apiVersion = object.path("apiVersion").asString("");
    int slash = apiVersion.indexOf('/');
    String group = slash < 0 ? "" : apiVersion.substring(0, slash);
    if (!SHORT_GROUPS.contains(group) && !group.endsWith(".k8s.io")) {
      throw new GuardViolation(
          plugin,
          GuardRule.PATCH_KIND,
          "it changes a %s.%s, which the operator can't decode again; observe it instead."
              .formatted(object.path("kind").asString(""), group));
    }
  }

  private static void checkIdentity(String plugin, ObjectNode before, ObjectNode wanted) {
    for (String pointer : IDENTITY) {
      if (!before.at(pointer).equals(wanted.at(pointer))) {
        throw new GuardViolation(
            plugin,
            GuardRule.PATCH_IDENTITY,
            "it changes %s, which makes it another object; leave it as it is."
                .formatted(pointer.substring(1).replace('/', '.')));
      }
    }
  }

  private static void checkPod(String plugin, ObjectNode before, ObjectNode wanted) {
    boolean pod = before.path("kind").asString("").equals("Pod");
    if (pod
        && !before.at("/metadata/annotations").isEmpty()
        && wanted.at("/metadata/annotations").isEmpty()) {
      throw new GuardViolation(
          plugin,
          GuardRule.PATCH_ANNOTATIONS,
          "it removes all annotations of the Pod, which the operator relies on; remove only its"
              + " own.");
    }
    String spec = pod ? "/spec" : "/spec/template/spec";
    checkContainers(plugin, before.at(spec), wanted.at(spec));
  }

  /** The operator puts nothing into a Pod that it could do without. */
  private static void checkContainers(String plugin, JsonNode before, JsonNode wanted) {
    Set<String> names = new HashSet<>();
    for (String list : List.of("initContainers", "containers")) {
      for (JsonNode container : wanted.path(list)) {
        String name = container.path("name").asString("");
        if (name.isEmpty()) {
          throw new GuardViolation(
              plugin, GuardRule.PATCH_CONTAINERS, "it adds a container without a name; give one.");
        }
        if (!names.add(name)) {
          throw new GuardViolation(
              plugin,
              GuardRule.PATCH_CONTAINERS,
              "it makes a second container '%s'; change the one that is there.".formatted(name));
        }
      }
    }
    for (String list : List.of("initContainers", "containers")) {
      Set<String> kept = new HashSet<>();
      wanted.path(list).forEach(container -> kept.add(container.path("name").asString("")));
      for (JsonNode container : before.path(list)) {
        String name = container.path("name").asString("");
        if (!kept.contains(name)) {
          throw new GuardViolation(
              plugin,
              GuardRule.PATCH_CONTAINERS,
              "it removes '%s' from %s; leave other containers where they are."
                  .formatted(name, list));
        }
      }
    }
  }

  private static JsonNode difference(String plugin, JsonNode before, JsonNode wanted) {
    try {
      return JsonDiff.asJson(before, wanted, FLAGS);
    } catch (RuntimeException e) {
      throw unfaithful(plugin, e);
    }
  }

  /**
   * What the operator does with the patch has to give what the plugin wanted. It fails if the
   * plugin's object holds what its own model doesn't read back, such as one field twice.
   */
  private static void prove(
      String plugin,
      JsonNode original,
      JsonNode patch,
      Class<? extends HasMetadata> model,
      ObjectNode wanted) {
    JsonNode result = apply(plugin, patch, original);
    ObjectNode reread;
    try {
      reread = ModelJson.tree(ModelJson.bind(result, model));
    } catch (JacksonException e) {
      throw unfaithful(plugin, e);
    }
    if (!reread.equals(wanted)) {
      throw unfaithful(plugin, null);
    }
  }

  private static JsonNode apply(String plugin, JsonNode patch, JsonNode original) {
    try {
      return JsonPatch.apply(patch, original);
    } catch (JsonPatchException e) {
      throw unfaithful(plugin, e);
    }
  }

  private static GuardViolation unfaithful(String plugin, @Nullable Exception cause) {
    GuardViolation violation =
        new GuardViolation(
            plugin,
            GuardRule.PATCH_UNFAITHFUL,
            "the object it wants can't be expressed as a change of the one it was given; change"
                + " fields of the model only.");
    if (cause != null) {
      violation.initCause(cause);
    }
    return violation;
  }
}
