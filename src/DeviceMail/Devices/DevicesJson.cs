using System.Text.Json.Serialization;

namespace DeviceMail.Devices;

/// <summary>A device's row as JSON.</summary>
internal sealed record DeviceSettings
{
    public string? Range { get; init; }

    public string? UserName { get; init; }

    public string? Credential { get; init; }

    public Habits Habits { get; init; }

    public long? AccountId { get; init; }

    public string? Contact { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DeviceSettings))]
[JsonSerializable(typeof(DeviceList))]
[JsonSerializable(typeof(NewDevice))]
[JsonSerializable(typeof(DeviceMade))]
[JsonSerializable(typeof(HabitChange))]
internal sealed partial class DevicesJson : JsonSerializerContext;
