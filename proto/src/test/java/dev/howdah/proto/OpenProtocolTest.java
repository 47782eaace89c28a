package dev.howdah.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.howdah.proto.restorejob.RestoreRequest;
import dev.howdah.proto.wal.WALRestoreRequest;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Operators older and newer than our release of the protocol are understood and lose nothing. */
class OpenProtocolTest {

  private static final int FUTURE_NUMBER = 4711;

  static Stream<Arguments> everyMessage() {
    return GeneratedCode.messages().stream()
        .map(message -> Arguments.of(message.getDescriptorForType().getFullName(), message));
  }

  static Stream<Arguments> everyEnumField() {
    return GeneratedCode.messages().stream()
        .flatMap(
            message ->
                message.getDescriptorForType().getFields().stream()
                    .filter(field -> field.getJavaType() == FieldDescriptor.JavaType.ENUM)
                    .map(field -> Arguments.of(field.getFullName(), message, field)));
  }

  @Test
  void allMessagesAndEnumFieldsAreTried() {
    WireContract published = WireContract.parse(WireContract.publishedLines());
    List<String> enums =
        published.rowsOf("enum").map(row -> row.scope() + "." + row.name()).toList();

    assertThat(everyMessage()).hasSameSizeAs(published.rowsOf("message").toList());
    assertThat(everyEnumField())
        .hasSize((int) published.rowsOf("field").filter(f -> enums.contains(f.type())).count());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("everyMessage")
  void fieldsOfALaterReleaseSurvive(String name, Message message) throws Exception {
    ByteString sent =
        UnknownFieldSet.newBuilder()
            .addField(
                FUTURE_NUMBER,
                UnknownFieldSet.Field.newBuilder()
                    .addVarint(7)
                    .addFixed32(8)
                    .addFixed64(9)
                    .addLengthDelimited(ByteString.copyFromUtf8("later"))
                    .build())
            .build()
            .toByteString();

    Message received = message.getParserForType().parseFrom(sent);

    assertThat(received.toByteString()).isEqualTo(sent);
    assertThat(received).isNotEqualTo(message);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("everyEnumField")
  void enumNumbersOfALaterReleaseSurvive(String name, Message message, FieldDescriptor field)
      throws Exception {
    EnumValueDescriptor later =
        field.getEnumType().findValueByNumberCreatingIfUnknown(FUTURE_NUMBER);
    Message sent = message.newBuilderForType().setField(field, later).build();

    Message received = message.getParserForType().parseFrom(sent.toByteString());

    assertThat(((EnumValueDescriptor) received.getField(field)).getNumber())
        .isEqualTo(FUTURE_NUMBER);
    assertThat(received.getUnknownFields().asMap()).isEmpty();
    assertThat(received.toByteString()).isEqualTo(sent.toByteString());
  }

  @Test
  void aModeOfALaterReleaseIsUnrecognizedAndKeepsItsNumber() throws Exception {
    WALRestoreRequest sent = WALRestoreRequest.newBuilder().setModeValue(FUTURE_NUMBER).build();

    WALRestoreRequest received = WALRestoreRequest.parseFrom(sent.toByteString());

    assertThat(received.getMode()).isEqualTo(WALRestoreRequest.Mode.UNRECOGNIZED);
    assertThat(received.getModeValue()).isEqualTo(FUTURE_NUMBER);
  }

  @Test
  void anOperatorThatDoesNotKnowAFlagIsToldFromOneThatClearsIt() throws Exception {
    RestoreRequest old = RestoreRequest.getDefaultInstance();
    RestoreRequest clear = old.toBuilder().setCheckEmptyWalArchive(false).build();

    assertThat(RestoreRequest.parseFrom(old.toByteString()).hasCheckEmptyWalArchive()).isFalse();
    assertThat(RestoreRequest.parseFrom(clear.toByteString()).hasCheckEmptyWalArchive()).isTrue();
  }
}
