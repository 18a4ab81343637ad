namespace DeviceMail.Web;

public static class Redirects
{
    /// <summary>After a form: the browser fetches the next page with GET, and loading it again sends nothing twice (RFC 9110 15.4.4).</summary>
    public static IResult See(string path) => new SeeOther(path);

    /// <summary>Whether the text is a path of this gateway and leads nowhere else.</summary>
    public static bool IsOwnPath(string? path) =>
        path is ['/', ..] && path is not ['/', '/' or '\\', ..] && !path.Any(char.IsControl) && !path.Contains('\\', StringComparison.Ordinal);

    private sealed class SeeOther(string path) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            // What is beyond ASCII in it stands in a query or path that a person typed (RFC 3986 2.1).
            httpContext.Response.Headers.Location = string.Concat(path.EnumerateRunes().Select(rune => rune.IsAscii ? rune.ToString() : Uri.EscapeDataString(rune.ToString())));
            return Task.CompletedTask;
        }
    }
}
