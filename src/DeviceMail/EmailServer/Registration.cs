using DeviceMail.Accounts;

namespace DeviceMail.EmailServer;

/// <summary>How an administrator registers an application, as steps for a page.</summary>
public static class Registration
{
    public static IReadOnlyList<string> Steps { get; } =
        [.. AccountRules.Registration.Split('\n').Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0).Select(line => line[(line.IndexOf('.', StringComparison.Ordinal) + 2)..])];
}
