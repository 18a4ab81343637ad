using System.Text.Json.Serialization;

namespace DeviceMail.People;

/// <summary>A person's row as JSON; no secret is in it.</summary>
internal sealed record PersonSettings
{
    public string UserId { get; init; } = "";

    public string DisplayName { get; init; } = "";

    public string Address { get; init; } = "";

    public string SignInName { get; init; } = "";

    public string Department { get; init; } = "";

    public bool IsAdministrator { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PersonSettings))]
[JsonSerializable(typeof(PersonWish))]
[JsonSerializable(typeof(PeopleList))]
[JsonSerializable(typeof(PersonMade))]
[JsonSerializable(typeof(ImportAnswer))]
[JsonSerializable(typeof(PeopleText))]
internal sealed partial class PeopleJson : JsonSerializerContext;
