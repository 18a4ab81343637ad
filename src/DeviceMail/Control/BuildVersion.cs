using System.Reflection;

namespace DeviceMail.Control;

/// <summary>Which program this is.</summary>
/// <param name="Version">As in CHANGELOG.md.</param>
/// <param name="Build">The commit it was built from, shortened; "unknown" outside a checkout.</param>
public sealed record BuildVersion(string Version, string Build)
{
    public static BuildVersion Current { get; } = Read();

    public override string ToString() => $"DeviceMail {Version}, build {Build}";

    private static BuildVersion Read()
    {
        var text = Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
        var parts = text.Split('+', 2);
        return new BuildVersion(parts[0], parts.Length == 2 ? parts[1][..Math.Min(12, parts[1].Length)] : "unknown");
    }
}
