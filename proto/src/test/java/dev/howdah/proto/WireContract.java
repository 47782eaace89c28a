package dev.howdah.proto;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Everything about a set of .proto files that is visible on the wire, as comparable rows.
 *
 * <p>Comments, file options and the order of declarations are left out: they may differ between two
 * descriptions of the same protocol.
 */
record WireContract(List<Row> rows) {

  private static final String HEADER = "#kind\tscope\tname\tnumber\ttype\tlabel";
  private static final int COLUMNS = 6;

  /**
   * One declaration.
   *
   * @param file the .proto file that holds it; part of the contract, for gRPC reflection shows it
   * @param kind package, service, rpc, message, field, mapentry, enum or value
   * @param scope full name of what encloses it
   * @param number field or enum number, else empty
   * @param type of a field; {@code request -> response} of an rpc; {@code key,value} of a map entry
   * @param label presence of a field, streaming of an rpc, else empty
   */
  record Row(
      String file,
      String kind,
      String scope,
      String name,
      String number,
      String type,
      String label) {

    /** What stays the same when a declaration is changed rather than replaced by another. */
    private String identity() {
      return kind.equals("package") ? "file " + name : kind + " " + scope + "." + name;
    }

    private List<String> changesFrom(Row expected) {
      List<String> changes = new ArrayList<>();
      describe(changes, "file", expected.file, file);
      describe(changes, "package", expected.scope, scope);
      describe(changes, "number", expected.number, number);
      describe(changes, "type", expected.type, type);
      describe(changes, "label", expected.label, label);
      return changes;
    }

    private void describe(List<String> changes, String what, String expected, String actual) {
      if (!expected.equals(actual)) {
        changes.add("%s: %s is <%s>, must be <%s>".formatted(identity(), what, actual, expected));
      }
    }

    private String line() {
      return String.join("\t", kind, scope, name, number, type, label);
    }
  }

  WireContract {
    rows = List.copyOf(rows);
    byIdentity(rows);
  }

  /**
   * Reads a table of tab-separated rows under a header. A row belongs to the file that the package
   * row above it names.
   *
   * @throws IllegalArgumentException when a row is malformed or declared twice
   */
  static WireContract parse(List<String> lines) {
    List<Row> rows = new ArrayList<>();
    String file = "";
    for (String line : lines) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] column = line.split("\t", -1);
      if (column.length != COLUMNS) {
        throw new IllegalArgumentException(
            "needs %d tab-separated columns: %s".formatted(COLUMNS, line));
      }
      if (column[0].equals("package")) {
        file = column[2];
      }
      rows.add(new Row(file, column[0], column[1], column[2], column[3], column[4], column[5]));
    }
    return new WireContract(rows);
  }

  /** The lines of {@code wire-contract.tsv}, the table of the CNPG-I release that we speak. */
  static List<String> publishedLines() {
    try (InputStream table = WireContract.class.getResourceAsStream("/wire-contract.tsv")) {
      return new String(table.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static WireContract of(Collection<FileDescriptor> files) {
    List<Row> rows = new ArrayList<>();
    files.stream()
        .sorted(Comparator.comparing(FileDescriptor::getName))
        .forEach(file -> new Reader(file.getName(), rows).read(file));
    return new WireContract(rows);
  }

  /** Reads what {@code protoc --include_imports --descriptor_set_out} writes. */
  static WireContract of(FileDescriptorSet set) throws DescriptorValidationException {
    Map<String, FileDescriptor> files = new LinkedHashMap<>();
    for (FileDescriptorProto file : set.getFileList()) {
      FileDescriptor[] imports =
          file.getDependencyList().stream().map(files::get).toArray(FileDescriptor[]::new);
      files.put(file.getName(), FileDescriptor.buildFrom(file, imports));
    }
    return of(files.values());
  }

  /** What has to be done to this contract to make it the expected one; empty when they agree. */
  List<String> differencesFrom(WireContract expected) {
    Map<String, Row> wanted = byIdentity(expected.rows);
    Map<String, Row> present = byIdentity(rows);
    List<String> differences = new ArrayList<>();
    wanted.forEach(
        (identity, row) -> {
          if (present.containsKey(identity)) {
            differences.addAll(present.get(identity).changesFrom(row));
          } else {
            differences.add(identity + ": missing");
          }
        });
    present.keySet().stream()
        .filter(identity -> !wanted.containsKey(identity))
        .forEach(identity -> differences.add(identity + ": not part of the protocol"));
    return differences;
  }

  Stream<Row> rowsOf(String kind) {
    return rows.stream().filter(row -> row.kind.equals(kind));
  }

  List<String> lines() {
    return Stream.concat(Stream.of(HEADER), rows.stream().map(Row::line)).toList();
  }

  private static Map<String, Row> byIdentity(List<Row> rows) {
    Map<String, Row> byIdentity = new LinkedHashMap<>();
    for (Row row : rows) {
      if (byIdentity.put(row.identity(), row) != null) {
        throw new IllegalArgumentException("declared twice: " + row.identity());
      }
    }
    return byIdentity;
  }

  /** Walks one file. */
  private record Reader(String file, List<Row> rows) {

    void read(FileDescriptor descriptor) {
      add("package", descriptor.getPackage(), file, "", "", "");
      descriptor.getServices().forEach(this::read);
      descriptor.getMessageTypes().forEach(message -> read(message, descriptor.getPackage()));
      descriptor.getEnumTypes().forEach(type -> read(type, descriptor.getPackage()));
      descriptor.getExtensions().forEach(this::read);
    }

    private void read(ServiceDescriptor service) {
      add("service", service.getFile().getPackage(), service.getName(), "", "", "");
      for (MethodDescriptor method : service.getMethods()) {
        String types =
            method.getInputType().getFullName() + " -> " + method.getOutputType().getFullName();
        add("rpc", service.getFullName(), method.getName(), "", types, streaming(method));
      }
    }

    private void read(Descriptor message, String scope) {
      if (message.getOptions().getMapEntry()) {
        String types =
            type(message.findFieldByName("key")) + "," + type(message.findFieldByName("value"));
        add("mapentry", scope, message.getName(), "", types, "");
        return;
      }
      add("message", scope, message.getName(), "", "", "");
      message.getFields().forEach(this::read);
      message.getNestedTypes().forEach(nested -> read(nested, message.getFullName()));
      message.getEnumTypes().forEach(type -> read(type, message.getFullName()));
      message.getExtensions().forEach(this::read);
    }

    private void read(FieldDescriptor field) {
      String number = Integer.toString(field.getNumber());
      String scope = field.getContainingType().getFullName();
      add("field", scope, field.getName(), number, type(field), presence(field));
    }

    private void read(EnumDescriptor type, String scope) {
      add("enum", scope, type.getName(), "", "", "");
      type.getValues()
          .forEach(
              value -> {
                String number = Integer.toString(value.getNumber());
                add("value", type.getFullName(), value.getName(), number, "", "");
              });
    }

    private static String streaming(MethodDescriptor method) {
      if (method.isClientStreaming()) {
        return method.isServerStreaming() ? "bidi-streaming" : "client-streaming";
      }
      return method.isServerStreaming() ? "server-streaming" : "unary";
    }

    private static String type(FieldDescriptor field) {
      return switch (field.getJavaType()) {
        case MESSAGE -> field.getMessageType().getFullName();
        case ENUM -> field.getEnumType().getFullName();
        case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING ->
            field.toProto().getType().name().substring("TYPE_".length()).toLowerCase(Locale.ROOT);
      };
    }

    private static String presence(FieldDescriptor field) {
      if (field.isRepeated()) {
        return "repeated";
      }
      if (field.isRequired()) {
        return "required";
      }
      if (field.getRealContainingOneof() != null) {
        return "oneof:" + field.getRealContainingOneof().getName();
      }
      boolean isMessage = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
      return field.hasPresence() && !isMessage ? "explicit-optional" : "singular";
    }

    private void add(
        String kind, String scope, String name, String number, String type, String label) {
      rows.add(new Row(file, kind, scope, name, number, type, label));
    }
  }

  /**
   * Writes the table of another CNPG-I release.
   *
   * @param arguments the descriptor set to read, and the file for the table
   */
  public static void main(String[] arguments) throws Exception {
    byte[] set = Files.readAllBytes(Path.of(arguments[0]));
    Files.write(Path.of(arguments[1]), WireContract.of(FileDescriptorSet.parseFrom(set)).lines());
  }
}
