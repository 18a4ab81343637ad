namespace DeviceMail.Printing;

/// <summary>A printer's refusals in words (RFC 8011, appendix B), each with what to do.</summary>
internal static class IppStatus
{
    public const ushort VersionNotSupported = 0x0503, NotFound = 0x0406;

    private static readonly Dictionary<ushort, string> Words = new()
    {
        [0x0401] = "It forbids printing from here. Allow this gateway's address in the printer's own settings.",
        [0x0402] = "It demands a sign-in before it prints. Allow IPP printing without one for this gateway's address.",
        [0x0403] = "It does not let this gateway print. Allow its address in the printer's own settings.",
        [0x0404] = "It cannot print now for the reasons it shows. Look at its panel.",
        [0x0405] = "It waited too long for the document. Check the network between them.",
        [NotFound] = "There is no printer at this address. Most printers answer under /ipp/print.",
        [0x0408] = "The document is larger than it takes.",
        [0x040a] = "It does not take documents of this format.",
        [0x040b] = "It lacks the paper or a feature that was asked for. Choose the other paper with --paper.",
        [0x040f] = "It takes no compressed documents.",
        [0x0410] = "It could not read the document.",
        [0x0500] = "Something inside it failed. Switch it off and on.",
        [0x0501] = "It does not know this operation of IPP.",
        [0x0502] = "It is not ready for service. Look at its panel.",
        [VersionNotSupported] = "It speaks a version of IPP that is too old.",
        [0x0504] = "A part of it failed. Look at its panel.",
        [0x0505] = "It has a passing fault. Try again later.",
        [0x0506] = "It accepts no jobs now. Let it accept jobs again at its panel or in its settings.",
        [0x0507] = "It is busy. Try again later.",
        [0x0509] = "It has more jobs than it can hold. Try again later.",
    };

    /// <summary>In whole sentences, with the printer's own words marked as such.</summary>
    public static string Of(IppMessage answer)
    {
        var words = Words.TryGetValue(answer.Code, out var known) ? known : $"It refused with status 0x{answer.Code:x4}.";
        return answer.Text("status-message") is { Length: > 0 } own ? $"{words} It said: “{own}”" : words;
    }
}
