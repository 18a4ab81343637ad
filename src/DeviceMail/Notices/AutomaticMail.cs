using DeviceMail.Messages;

namespace DeviceMail.Notices;

/// <summary>Mail that no notice may answer, because its answer could be answered again (RFC 3834 2).</summary>
internal static class AutomaticMail
{
    /// <summary>Carries our own mark in every notice.</summary>
    public const string LoopField = "X-Loop";

    private static readonly string[] _bulk = ["bulk", "list", "junk"];

    /// <param name="sender">The envelope's sender; null is the null reverse path of notices.</param>
    /// <param name="header">The header as it was handed in.</param>
    public static bool Is(MailAddress? sender, ReadOnlyMemory<byte> header) =>
        sender is null || HeaderFields.Split(header).Any(IsTelling);

    private static bool IsTelling(HeaderField field) =>
        field.Is("Auto-Submitted") && !field.Value.Split(';')[0].Trim().Equals("no", StringComparison.OrdinalIgnoreCase)
        || field.Is("Precedence") && _bulk.Contains(field.Value, StringComparer.OrdinalIgnoreCase)
        || field.Is("List-Id")
        || field.Is(LoopField) && field.Value.Contains("DeviceMail", StringComparison.Ordinal);
}
