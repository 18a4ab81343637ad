namespace DeviceMail.Activity;

/// <summary>What people paste into PowerShell.</summary>
internal static class PowerShell
{
    // It takes the typographic quotation marks for plain ones (about_Quoting_Rules, and its tokenizer).
    private const string Quotes = "'‘’‚‛";

    /// <summary>A text as one word, whatever it holds.</summary>
    public static string Quote(string text) =>
        $"'{string.Concat(text.Where(one => !char.IsControl(one)).Select(one => Quotes.Contains(one, StringComparison.Ordinal) ? $"{one}{one}" : $"{one}"))}'";

    /// <summary>A remedy of the catalogue for one mailbox: its commands have a place for it. Without a mailbox they stay as they are.</summary>
    public static string ForMailbox(string remedy, string mailbox) => mailbox.Length == 0 ? remedy : remedy.Replace("MAILBOX", Quote(mailbox), StringComparison.Ordinal)
        .Replace("devicemail signin`", $"devicemail signin {mailbox}`", StringComparison.Ordinal).Replace("accounts resume`", $"accounts resume {mailbox}`", StringComparison.Ordinal);
}
