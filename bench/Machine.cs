using System.Globalization;

namespace DeviceMail.Bench;

/// <summary>What the figures were measured on.</summary>
public static class Machine
{
    public static string Describe(string work)
    {
        var memory = Value("/proc/meminfo", "MemTotal").Replace("kB", "", StringComparison.Ordinal);
        var gigabytes = double.Parse(memory, CultureInfo.InvariantCulture) / (1 << 20);
        return string.Create(CultureInfo.InvariantCulture,
            $"Machine: {Environment.ProcessorCount} cores ({Value("/proc/cpuinfo", "model name")}), {gigabytes:0} GB, Linux {Environment.OSVersion.Version.ToString(2)}, queues on {new DriveInfo(work).DriveFormat}; {Distribution()}.");
    }

    private static string Value(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";

    private static string Distribution() =>
        File.ReadLines("/etc/os-release").FirstOrDefault(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?["PRETTY_NAME=".Length..].Trim('"') ?? "Linux";
}
