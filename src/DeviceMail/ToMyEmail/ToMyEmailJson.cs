using System.Text.Json.Serialization;

namespace DeviceMail.ToMyEmail;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ScanWish))]
[JsonSerializable(typeof(ScannedMail))]
internal sealed partial class ToMyEmailJson : JsonSerializerContext;
