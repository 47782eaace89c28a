package dev.howdah.host.doctor;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads objects from files as {@code kubectl get -o yaml} or {@code -o json} writes them. */
final class ObjectFiles {

  private static final JsonMapper MAPPER = JsonMapper.shared();

  /** What a large installation's objects together may be long. */
  private static final int LONGEST = 256 * 1024 * 1024;

  private ObjectFiles() {}

  /**
   * Reads a file, or every {@code .yaml}, {@code .yml} and {@code .json} in a folder.
   *
   * @throws IOException if it can't be read, or is no YAML; the message says which file
   */
  static List<KubernetesObject> read(Path place) throws IOException {
    List<KubernetesObject> objects = new ArrayList<>();
    if (Files.isDirectory(place)) {
      try (Stream<Path> files = Files.list(place)) {
        for (Path file :
            files.filter(it -> it.toString().matches(".*\\.(ya?ml|json)")).sorted().toList()) {
          readFile(file, objects);
        }
      }
    } else {
      readFile(place, objects);
    }
    return objects;
  }

  private static void readFile(Path file, List<KubernetesObject> objects) throws IOException {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(LONGEST);
    try (Reader reader = Files.newBufferedReader(file)) {
      for (Object document : new Yaml(new SafeConstructor(options)).loadAll(reader)) {
        if (document != null) {
          add(MAPPER.valueToTree(document), objects);
        }
      }
    } catch (YAMLException wrong) {
      throw new IOException("%s is no YAML.".formatted(file), wrong);
    } catch (IOException unreadable) {
      throw new IOException("%s can't be read.".formatted(file), unreadable);
    }
  }

  /** Adds an object, or what is in a list of objects. */
  static void add(JsonNode document, List<KubernetesObject> objects) {
    if (document.path("kind").asString("").endsWith("List") && document.path("items").isArray()) {
      String kind = document.path("kind").asString("").replaceAll("List$", "");
      for (JsonNode item : document.path("items")) {
        if (item instanceof ObjectNode object && !object.has("kind") && !kind.isEmpty()) {
          // Lists from the API leave it out of their items.
          object.put("kind", kind);
          object.put("apiVersion", document.path("apiVersion").asString(""));
        }
        add(item, objects);
      }
    } else if (document.isObject()) {
      objects.add(new KubernetesObject(document));
    }
  }
}
