using System.Text.Json;
using System.Text.Json.Serialization;
using DeviceMail.Messages;

namespace DeviceMail.Accounts;

// Some providers write expires_in in quotes.
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, Converters = [typeof(MailAddressJson)],
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(Account))]
[JsonSerializable(typeof(SignInRecord))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(DeviceCodeAnswer))]
[JsonSerializable(typeof(DiscoveryAnswer))]
[JsonSerializable(typeof(AssertionHeader))]
[JsonSerializable(typeof(AssertionClaims))]
[JsonSerializable(typeof(AccountList))]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(AccountRequest))]
[JsonSerializable(typeof(LandedAddress))]
[JsonSerializable(typeof(CertificateView))]
internal sealed partial class AccountsJson : JsonSerializerContext;

/// <summary>An address is its text in JSON.</summary>
internal sealed class MailAddressJson : JsonConverter<MailAddress>
{
    public override MailAddress Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        MailAddress.TryParse(reader.GetString(), out var address) ? address : throw new JsonException("This is not a mail address.");

    public override void Write(Utf8JsonWriter writer, MailAddress value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
