package dev.howdah.proto;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Message;
import dev.howdah.proto.identity.IdentityProto;
import io.grpc.ServiceDescriptor;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * All that protoc made in this module, found by looking rather than from a list, so that a .proto
 * file nobody mentioned is found too.
 */
final class GeneratedCode {

  private GeneratedCode() {}

  static List<FileDescriptor> files() {
    return classes().flatMap(type -> result(type, "getDescriptor", FileDescriptor.class)).toList();
  }

  static List<ServiceDescriptor> stubs() {
    return classes()
        .flatMap(type -> result(type, "getServiceDescriptor", ServiceDescriptor.class))
        .toList();
  }

  static List<Message> messages() {
    return classes()
        .filter(Message.class::isAssignableFrom)
        .filter(type -> !type.isInterface())
        .flatMap(type -> result(type, "getDefaultInstance", Message.class))
        .toList();
  }

  private static Stream<Class<?>> classes() {
    try {
      Path root =
          Path.of(IdentityProto.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      try (Stream<Path> files = Files.walk(root)) {
        return files
            .map(file -> root.relativize(file).toString())
            .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
            .sorted()
            .<Class<?>>map(GeneratedCode::load)
            .toList()
            .stream();
      }
    } catch (Exception e) {
      throw new IllegalStateException("cannot list the compiled classes", e);
    }
  }

  private static Class<?> load(String file) {
    String name = file.substring(0, file.length() - ".class".length()).replace('/', '.');
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(name, e);
    }
  }

  private static <T> Stream<T> result(Class<?> type, String method, Class<T> result) {
    return Stream.of(type.getDeclaredMethods())
        .filter(candidate -> candidate.getName().equals(method))
        .filter(candidate -> candidate.getParameterCount() == 0)
        .filter(candidate -> Modifier.isStatic(candidate.getModifiers()))
        .filter(candidate -> result.isAssignableFrom(candidate.getReturnType()))
        .map(
            candidate -> {
              try {
                return result.cast(candidate.invoke(null));
              } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(candidate.toString(), e);
              }
            });
  }
}
