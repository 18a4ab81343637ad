using System.Text.Json.Serialization;

namespace DeviceMail.Control;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Refusal))]
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(BuildVersion))]
[JsonSerializable(typeof(SettingLine[]))]
[JsonSerializable(typeof(SettingsFile))]
public sealed partial class ControlJson : JsonSerializerContext;
