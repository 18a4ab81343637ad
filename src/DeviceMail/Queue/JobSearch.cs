using System.Globalization;
using DeviceMail.Activity;
using DeviceMail.Devices;

namespace DeviceMail.Queue;

/// <summary>What somebody looks for in Job Status: a subject, an address, a device, a job's number or a code.</summary>
/// <param name="Text">As it was typed; a part is enough.</param>
/// <param name="JobId">The number, where it is one.</param>
/// <param name="Devices">Devices whose name holds the text.</param>
/// <param name="Problems">Keys of the problems that have the text as their code.</param>
public sealed record JobSearch(string Text, long? JobId, IReadOnlyList<long> Devices, IReadOnlyList<string> Problems)
{
    /// <summary>More is no search.</summary>
    private const int Longest = 200;

    /// <returns>Null when nothing is looked for.</returns>
    public static JobSearch? Of(string? typed, DeviceRegister devices)
    {
        var text = (typed ?? "").Trim();
        if (text.Length == 0) return null;
        if (text.Length > Longest) text = text[..Longest];
        long? number = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        return new JobSearch(text, number,
            [.. devices.All.Where(device => device.Name.Contains(text, StringComparison.OrdinalIgnoreCase)).Select(device => device.Id)],
            number is null ? [] : [.. Activity.Problems.All.Where(problem => problem.Code == number).Select(problem => problem.Key)]);
    }

    public bool Fits(Job job) =>
        job.Id == JobId || Has(job.Traits.Subject) || Has(job.Sender?.ToString()) || Has(job.Origin.ClientAddress) || Has(job.Origin.Greeting)
        || job.Recipients.Any(one => Has(one.Address.ToString())) || (job.Origin.DeviceId is { } device && Devices.Contains(device))
        || (job.Problem is { } problem && Problems.Contains(problem));

    /// <summary>For LIKE with the escape character \.</summary>
    internal string Pattern => $"%{Text.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%";

    /// <summary>As JSON, for json_each.</summary>
    internal string DeviceList => $"[{string.Join(',', Devices)}]";

    /// <summary>As JSON; keys of problems are plain words.</summary>
    internal string ProblemList => $"[{string.Join(',', Problems.Select(key => $"\"{key}\""))}]";

    private bool Has(string? field) => field?.Contains(Text, StringComparison.OrdinalIgnoreCase) == true;
}
