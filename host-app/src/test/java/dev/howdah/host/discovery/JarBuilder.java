package dev.howdah.host.discovery;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * Compiles sources and writes real JARs of them, good ones and broken ones, as a plugin author's
 * build would.
 */
public final class JarBuilder {

  /** As long as the name of the manifest; made that name by patching the bytes. */
  private static final String TWIN = "META-INF/howdah/plugin.propertieZ";

  private static final String MANIFEST = "META-INF/howdah/plugin.properties";

  private final Map<String, String> sources = new LinkedHashMap<>();
  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private final List<Path> classPath = new ArrayList<>();
  private boolean twinManifest;
  private int classFileVersion;

  private JarBuilder() {}

  /** Begins with nothing. */
  public static JarBuilder jar() {
    return new JarBuilder();
  }

  /**
   * Begins with a plugin that answers {@code status} as its status.
   *
   * @param id its id; its name is {@code <id>.example.com}, its class {@code com.example.<id>.It}
   */
  public static JarBuilder plugin(String id) {
    return jar().manifest(id).pluginSource(id, "", "java.util.Map.of(\"id\", \"" + id + "\")");
  }

  /**
   * Adds the class of a plugin.
   *
   * @param id its id
   * @param members further members: fields, a constructor, {@code start()}
   * @param status an expression for its status
   */
  public JarBuilder pluginSource(String id, String members, String status) {
    return source(
        className(id),
        """
        package %s;

        import dev.howdah.plugin.*;

        public class It implements Plugin {
          %s
          @Override public PluginMetadata metadata() {
            return PluginMetadata.of("%s.example.com", "1.0.0").description("A test.").build();
          }
          @Override public void register(Hooks hooks) {
            hooks.status(context -> java.util.Optional.of(%s));
          }
        }
        """
            .formatted(packageName(id), members, id, status));
  }

  /** The class of the plugin with an id. */
  public static String className(String id) {
    return packageName(id) + ".It";
  }

  private static String packageName(String id) {
    return "com.example." + id.replace("-", "");
  }

  /** Adds a good manifest. */
  public JarBuilder manifest(String id) {
    return manifest(id, Map.of());
  }

  /**
   * Adds a manifest.
   *
   * @param id the plugin's id
   * @param changes keys to change; those with an empty value are left out
   */
  public JarBuilder manifest(String id, Map<String, String> changes) {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("class", className(id));
    keys.put("id", id);
    keys.put("name", id + ".example.com");
    keys.put("version", "1.0.0");
    keys.put("api", "[1.0,2.0)");
    keys.putAll(changes);
    keys.values().removeIf(String::isEmpty);
    return entry(
        MANIFEST,
        keys.entrySet().stream()
            .map(key -> key.getKey() + "=" + key.getValue())
            .collect(Collectors.joining("\n", "", "\n")));
  }

  /** Adds a second manifest under the same name, which build tools refuse to do. */
  public JarBuilder twinManifest() {
    twinManifest = true;
    return entry(TWIN, "id=twin\n");
  }

  /** Makes all classes look compiled for another Java release. */
  public JarBuilder classFileVersion(int version) {
    classFileVersion = version;
    return this;
  }

  /** Adds a source file. */
  public JarBuilder source(String className, String source) {
    sources.put(className, source);
    return this;
  }

  /** Adds a file. */
  public JarBuilder entry(String name, String content) {
    return entry(name, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a file. */
  public JarBuilder entry(String name, byte[] content) {
    entries.put(name, content);
    return this;
  }

  /** Compiles against a JAR that isn't taken in. */
  public JarBuilder against(Path library) {
    classPath.add(library);
    return this;
  }

  /** Compiles against a JAR and takes in all that it holds, as shading does. */
  public JarBuilder shade(Path library) throws IOException {
    try (JarFile jar = new JarFile(library.toFile())) {
      for (var entry : Collections.list(jar.entries())) {
        if (!entry.isDirectory()) {
          try (InputStream in = jar.getInputStream(entry)) {
            entries.put(entry.getName(), in.readAllBytes());
          }
        }
      }
    }
    return against(library);
  }

  /** Writes the JAR; folders are made as needed. */
  public Path write(Path file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : content().entrySet()) {
        ZipEntry header = new ZipEntry(entry.getKey());
        header.setTime(0);
        zip.putNextEntry(header);
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
    byte[] jar = bytes.toByteArray();
    if (twinManifest) {
      String text = new String(jar, StandardCharsets.ISO_8859_1).replace(TWIN, MANIFEST);
      jar = text.getBytes(StandardCharsets.ISO_8859_1);
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    return Files.write(file, jar);
  }

  /** Writes the files of the JAR into a folder instead. */
  public Path writeFolder(Path folder) throws IOException {
    for (Map.Entry<String, byte[]> entry : content().entrySet()) {
      Path file = folder.resolve(entry.getKey());
      Files.createDirectories(file.getParent());
      Files.write(file, entry.getValue());
    }
    return folder;
  }

  private Map<String, byte[]> content() {
    Map<String, byte[]> content = new LinkedHashMap<>(entries);
    compile()
        .forEach(
            (name, bytes) -> {
              if (classFileVersion != 0) {
                bytes[6] = (byte) (classFileVersion >> 8);
                bytes[7] = (byte) classFileVersion;
              }
              content.put(name.replace('.', '/') + ".class", bytes);
            });
    return content;
  }

  private Map<String, byte[]> compile() {
    if (sources.isEmpty()) {
      return Map.of();
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager standard = compiler.getStandardFileManager(null, null, null);
        InMemory files = new InMemory(standard)) {
      // First what the JAR brings: the host may have another version of it.
      List<Path> path = new ArrayList<>(classPath);
      Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
          .map(Path::of)
          .forEach(path::add);
      standard.setLocationFromPaths(StandardLocation.CLASS_PATH, path);
      boolean compiled =
          compiler
              .getTask(
                  messages,
                  files,
                  null,
                  List.of("--release", "25", "-proc:none", "-parameters", "-nowarn"),
                  null,
                  sources.entrySet().stream().map(Source::new).toList())
              .call();
      if (!compiled) {
        throw new IllegalStateException("A test's plugin doesn't compile:\n" + messages);
      }
      return files.classes();
    } catch (IOException e) {
      throw new IllegalStateException("A test's plugin can't be compiled.", e);
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(Map.Entry<String, String> source) {
      super(URI.create("string:///" + source.getKey().replace('.', '/') + ".java"), Kind.SOURCE);
      this.text = source.getValue();
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private static final class InMemory extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ByteArrayOutputStream> output = new HashMap<>();

    InMemory(JavaFileManager manager) {
      super(manager);
    }

    Map<String, byte[]> classes() {
      Map<String, byte[]> classes = new LinkedHashMap<>();
      output.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
      return classes;
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
      return new SimpleJavaFileObject(
          URI.create("memory:///" + className.replace('.', '/') + ".class"), kind) {
        @Override
        public OutputStream openOutputStream() {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          output.put(className, bytes);
          return bytes;
        }
      };
    }
  }
}
