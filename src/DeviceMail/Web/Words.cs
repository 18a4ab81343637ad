using System.Globalization;

namespace DeviceMail.Web;

/// <summary>How pages write times and sizes: 09:42, 2 February 2027, 1.8 MB.</summary>
public static class Words
{
    public static string Time(DateTimeOffset moment) => moment.ToLocalTime().ToString("HH:mm", CultureInfo.InvariantCulture);

    public static string Date(DateTimeOffset moment) => moment.ToLocalTime().ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>With the date where it is not the day of <paramref name="now"/>.</summary>
    public static string Moment(DateTimeOffset moment, DateTimeOffset now) =>
        moment.ToLocalTime().Date == now.ToLocalTime().Date ? Time(moment) : $"{Date(moment)}, {Time(moment)}";

    /// <summary>For the attribute datetime.</summary>
    public static string Stamp(DateTimeOffset moment) => moment.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);

    public static string Size(long octets) => octets switch
    {
        < 1_000 => $"{octets} bytes",
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{octets / 1e3:0} KB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{octets / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{octets / 1e9:0.0} GB"),
    };

    /// <summary>Minutes and seconds that are left, as 14:32; 0:00 when none are.</summary>
    public static string Left(TimeSpan left) => left <= TimeSpan.Zero ? "0:00" : $"{(int)left.TotalMinutes}:{left.Seconds:00}";
}
