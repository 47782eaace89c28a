package dev.howdah.plugins.objectstore.config;

import dev.howdah.plugin.PluginException;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Where {@code ObjectStore} resources are kept. Thread-safe. */
@FunctionalInterface
public interface ObjectStoreResources {

  /**
   * Looks a resource up.
   *
   * @return the resource as JSON; empty if there is none
   * @throws PluginException of kind {@code UNAVAILABLE} if it can't be found out, of kind {@code
   *     PRECONDITION} if it isn't allowed or the resource can't be read
   */
  Optional<JsonNode> find(String namespace, String name);

  /**
   * Reads a resource that is needed.
   *
   * @throws PluginException of kind {@code PRECONDITION} if it isn't there or can't be used; the
   *     message names the fields
   */
  default ObjectStoreReader.Result read(String namespace, String name) {
    return find(namespace, name)
        .map(ObjectStoreResources::usable)
        .orElseThrow(
            () ->
                new PluginException(
                    PluginException.Kind.PRECONDITION,
                    "there is no ObjectStore %s for namespace '%s'".formatted(name, namespace)));
  }

  /**
   * Understands a resource.
   *
   * @throws PluginException of kind {@code PRECONDITION} if it can't be used; the message names the
   *     fields
   */
  static ObjectStoreReader.Result usable(JsonNode resource) {
    ObjectStoreReader.Result result = ObjectStoreReader.read(resource);
    if (!result.problems().isEmpty()) {
      throw new PluginException(
          PluginException.Kind.PRECONDITION,
          "the ObjectStore %s can't be used: %s"
              .formatted(
                  resource.path("metadata").path("name").asString("without a name"),
                  String.join("; ", result.problems())));
    }
    return result;
  }

  /** Looks into several places, one after the other. */
  static ObjectStoreResources firstOf(List<ObjectStoreResources> places) {
    List<ObjectStoreResources> all = List.copyOf(places);
    return (namespace, name) -> {
      for (ObjectStoreResources place : all) {
        Optional<JsonNode> found = place.find(namespace, name);
        if (found.isPresent()) {
          return found;
        }
      }
      return Optional.empty();
    };
  }
}
